// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/protocol.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace rescue::files {
namespace {

constexpr unsigned bits = 8;
constexpr std::size_t longest_text = 0xFFFF;

template <class Number>
void put(std::string& to, Number number) {
  auto value = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> bits * i & 0xFFU));
  }
}

void put_text(std::string& to, std::string_view text) {
  text = text.substr(0, longest_text);
  put(to, static_cast<std::uint16_t>(text.size()));
  to += text;
}

/// Takes fields from the front of a message.
class Fields {
public:
  explicit Fields(std::string_view rest) : rest_(rest) {}

  template <class Number>
  Number number() {
    using Unsigned = std::make_unsigned_t<Number>;
    const auto bytes = take(sizeof(Number));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << bits * i;
    }
    return static_cast<Number>(static_cast<Unsigned>(value));
  }

  /// Takes the number of an enumerator up to `last`.
  template <class Enum>
  Enum word(Enum last) {
    const auto value = number<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) refuse();
    return static_cast<Enum>(value);
  }

  std::string text() {
    const auto length = number<std::uint16_t>();
    return std::string(take(length));
  }
  std::string rest() { return std::string(std::exchange(rest_, {})); }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  void require_end() const {
    if (!at_end()) refuse();
  }
  [[noreturn]] static void refuse() {
    throw Error(ErrorCode::io, "a message between rescue-files and its peer is malformed");
  }

private:
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) refuse();
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
};

void put_entry(std::string& to, const disk::FileEntry& entry) {
  put(to, static_cast<std::uint8_t>(entry.kind));
  put(to, entry.flags);
  put(to, entry.size);
  put(to, entry.modified);
  put(to, entry.nanoseconds);
  put(to, entry.id);
  put_text(to, entry.name);
  put_text(to, entry.problem);
}

disk::FileEntry entry_from(Fields& fields) {
  constexpr std::uint32_t second = 1'000'000'000;
  disk::FileEntry entry;
  entry.kind = fields.word(disk::EntryKind::other);
  entry.flags = fields.number<std::uint32_t>();
  entry.size = fields.number<std::uint64_t>();
  entry.modified = fields.number<std::int64_t>();
  entry.nanoseconds = fields.number<std::uint32_t>();
  entry.id = fields.number<std::uint64_t>();
  entry.name = fields.text();
  entry.problem = fields.text();
  if (entry.nanoseconds >= second) Fields::refuse();
  return entry;
}

std::string with_length(const std::string& message) {
  std::string framed;
  framed.reserve(length_bytes + message.size());
  put(framed, static_cast<std::uint32_t>(message.size()));
  return framed += message;
}

}  // namespace

std::string encode(const Request& request) {
  std::string message;
  put(message, static_cast<std::uint8_t>(request.operation));
  put(message, request.handle);
  put(message, request.offset);
  put(message, request.length);
  return with_length(message += request.path);
}

std::string encode(const Answer& answer) {
  std::string message;
  put(message, static_cast<std::uint8_t>(answer.kind));
  switch (answer.kind) {
  case AnswerKind::volume:
    for (const bool fact : {answer.volume.dirty, answer.volume.journal_unclean, answer.volume.hibernated}) {
      put(message, static_cast<std::uint8_t>(fact ? 1 : 0));
    }
    break;
  case AnswerKind::handle:
    put(message, answer.handle);
    [[fallthrough]];
  case AnswerKind::entries:
    for (const auto& entry : answer.entries) put_entry(message, entry);
    break;
  case AnswerKind::failed:
    put(message, static_cast<std::uint8_t>(answer.code));
    [[fallthrough]];
  case AnswerKind::data:
    message += answer.bytes;
    break;
  case AnswerKind::done:
    break;
  }
  return with_length(message);
}

Request decode_request(std::string_view message) {
  Fields fields(message);
  Request request;
  request.operation = fields.word(Operation::close);
  request.handle = fields.number<std::uint32_t>();
  request.offset = fields.number<std::uint64_t>();
  request.length = fields.number<std::uint32_t>();
  request.path = fields.rest();
  const bool reads = request.operation == Operation::read;
  if (reads != (request.length > 0) || request.length > largest_read) Fields::refuse();
  if (request.path.find('\0') != std::string::npos) Fields::refuse();
  return request;
}

Answer decode_answer(std::string_view message) {
  Fields fields(message);
  Answer answer;
  answer.kind = fields.word(AnswerKind::failed);
  switch (answer.kind) {
  case AnswerKind::volume:
    for (auto* const fact : {&answer.volume.dirty, &answer.volume.journal_unclean, &answer.volume.hibernated}) {
      *fact = fields.number<std::uint8_t>() != 0;
    }
    break;
  case AnswerKind::handle:
    answer.handle = fields.number<std::uint32_t>();
    answer.entries.push_back(entry_from(fields));
    break;
  case AnswerKind::entries:
    while (!fields.at_end()) answer.entries.push_back(entry_from(fields));
    break;
  case AnswerKind::failed:
    answer.code = fields.word(ErrorCode::internal);
    [[fallthrough]];
  case AnswerKind::data:
    answer.bytes = fields.rest();
    break;
  case AnswerKind::done:
    break;
  }
  fields.require_end();
  return answer;
}

std::size_t length_of(std::string_view prefix, std::size_t most) {
  Fields fields(prefix);
  const auto length = fields.number<std::uint32_t>();
  if (length == 0 || length > most) Fields::refuse();
  return length;
}

}  // namespace rescue::files
