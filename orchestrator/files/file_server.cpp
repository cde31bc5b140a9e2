// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/file_server.hpp"

#include "core/error.hpp"

namespace rescue::files {
namespace {

constexpr std::size_t most_open = 256;
constexpr std::size_t bytes_of_entries = 64U << 10U;  // in one answer, about
constexpr std::size_t longest_message = 2'000;

Answer failure(const std::exception& error) {
  const auto report = report_of(error);
  Answer answer;
  answer.kind = AnswerKind::failed;
  answer.code = report.code;
  answer.bytes = report.one_line().substr(0, longest_message);
  return answer;
}

Answer entries_of(std::vector<disk::FileEntry> entries) {
  Answer answer;
  answer.kind = AnswerKind::entries;
  answer.entries = std::move(entries);
  return answer;
}

}  // namespace

void FileServer::serve(const Channel& channel) {
  while (const auto message = channel.receive(largest_request)) {
    const auto request = decode_request(*message);
    if (request.operation == Operation::list) {
      list(channel, request.path);
      continue;
    }
    Answer result;
    try {
      result = answer(request);
    } catch (const std::exception& error) {
      result = failure(error);
    }
    channel.send(encode(result));
  }
}

Answer FileServer::answer(const Request& request) {
  switch (request.operation) {
  case Operation::volume: {
    Answer state;
    state.kind = AnswerKind::volume;
    state.volume = {volume_.dirty(), volume_.journal_is_unclean(), volume_.hibernated()};
    return state;
  }
  case Operation::stat:
    return entries_of({tree_.stat(request.path)});
  case Operation::open:
    return opened(request.path);
  case Operation::read:
    return read(request);
  case Operation::close:
    open_.erase(request.handle);
    return {};
  case Operation::list:
    break;
  }
  throw Error(ErrorCode::internal, "a request has no answer");
}

void FileServer::list(const Channel& channel, const std::string& path) const {
  std::vector<disk::FileEntry> pending;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (!pending.empty()) channel.send(encode(entries_of(std::exchange(pending, {}))));
    bytes = 0;
  };
  Answer end;
  try {
    tree_.list(path, [&](const disk::FileEntry& entry) {
      pending.push_back(entry);
      bytes += sizeof entry + entry.name.size() + entry.problem.size();
      if (bytes > bytes_of_entries) flush();
    });
  } catch (const std::exception& error) {
    end = failure(error);
  }
  flush();
  channel.send(encode(end));
}

Answer FileServer::opened(const std::string& path) {
  if (open_.size() >= most_open) throw Error(ErrorCode::unavailable, "too many files of the volume are open");
  auto file = tree_.open(path);
  Answer answer;
  answer.kind = AnswerKind::handle;
  answer.entries.push_back(file->entry());
  while (open_.contains(++last_handle_)) {
  }
  answer.handle = last_handle_;
  open_.emplace(answer.handle, std::move(file));
  return answer;
}

Answer FileServer::read(const Request& request) {
  const auto found = open_.find(request.handle);
  if (found == open_.end()) throw Error(ErrorCode::usage, "no file with this number is open");
  Answer answer;
  answer.kind = AnswerKind::data;
  answer.bytes.resize(request.length);
  std::size_t done = 0;
  while (done < request.length) {
    const auto count = found->second->read(request.offset + done, answer.bytes.data() + done, request.length - done);
    if (count == 0) break;
    done += count;
  }
  answer.bytes.resize(done);
  return answer;
}

void serve_error(const Channel& channel, const std::exception& error) {
  while (channel.receive(largest_request)) channel.send(encode(failure(error)));
}

}  // namespace rescue::files
