// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/volume_reader.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"

#include <exception>
#include <utility>

namespace rescue::files {
namespace {

constexpr Milliseconds limit_of_an_answer{60'000};
constexpr std::size_t longest_reason = 1'000;

[[noreturn]] void refuse() {
  throw Error(ErrorCode::subprocess, "the reader of the volume sends what was not asked for");
}

/// Calls `exchange`; a fault of the socket or of a message is the reader's.
template <class Exchange>
auto with_reader(Exchange exchange) {
  try {
    return exchange();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::io) throw;
    throw Error(ErrorCode::subprocess, error.what(),
                "The volume may be damaged in a way that its reader does not survive.");
  }
}

}  // namespace

VolumeReader::VolumeReader(FileDescriptor socket)
    : socket_(std::move(socket)), channel_(socket_.get(), limit_of_an_answer) {}

Answer VolumeReader::receive() {
  const auto message = with_reader([&] { return channel_.receive(largest_answer); });
  if (!message) {
    throw Error(ErrorCode::subprocess, "the reader of the volume has ended",
                "The volume may be damaged in a way that its reader does not survive. Try other files.");
  }
  auto answer = with_reader([&] { return decode_answer(*message); });
  if (answer.kind == AnswerKind::failed) {
    throw Error(answer.code, printable(answer.bytes, longest_reason),
                answer.code == ErrorCode::not_found ? "`rescuectl files ls` lists what there is." : "");
  }
  return answer;
}

Answer VolumeReader::ask(const Request& request, AnswerKind expected) {
  const auto message = encode(request);
  if (message.size() - length_bytes > largest_request) throw Error(ErrorCode::usage, "the path is too long");
  with_reader([&] { channel_.send(message); });
  auto answer = receive();
  if (answer.kind != expected) refuse();
  return answer;
}

VolumeState VolumeReader::state() { return ask({}, AnswerKind::volume).volume; }

disk::FileEntry VolumeReader::stat(const std::string& path) {
  Request request;
  request.operation = Operation::stat;
  request.path = path;
  auto answer = ask(request, AnswerKind::entries);
  if (answer.entries.size() != 1) refuse();
  return std::move(answer.entries.front());
}

void VolumeReader::list(const std::string& path, const std::function<void(disk::FileEntry&&)>& take) {
  Request request;
  request.operation = Operation::list;
  request.path = path;
  with_reader([&] { channel_.send(encode(request)); });
  std::exception_ptr fault;  // the whole list is received before it is thrown, or the next answer would be another's
  for (;;) {
    auto answer = receive();
    if (answer.kind == AnswerKind::done) break;
    if (answer.kind != AnswerKind::entries) refuse();
    try {
      for (auto& entry : answer.entries) {
        if (!fault) take(std::move(entry));
      }
    } catch (...) {
      fault = std::current_exception();
    }
  }
  if (fault) std::rethrow_exception(fault);
}

VolumeReader::Opened VolumeReader::open(const std::string& path) {
  Request request;
  request.operation = Operation::open;
  request.path = path;
  auto answer = ask(request, AnswerKind::handle);
  return {answer.handle, std::move(answer.entries.at(0))};
}

std::string VolumeReader::read(std::uint32_t handle, std::uint64_t offset, std::uint32_t length) {
  auto bytes = ask({Operation::read, handle, offset, length, {}}, AnswerKind::data).bytes;
  if (bytes.size() > length) refuse();
  return bytes;
}

void VolumeReader::close(std::uint32_t handle) { (void)ask({Operation::close, handle, 0, 0, {}}, AnswerKind::done); }

Child start_reader(const std::string& program, int disk, unsigned partition, const FileDescriptor& socket) {
  return Child({program, std::to_string(partition)}, {disk, socket.get()});
}

std::vector<std::string> warnings_of(const VolumeState& state) {
  std::vector<std::string> warnings;
  if (state.hibernated) {
    warnings.emplace_back(
        "Windows hibernated or was stopped by fast startup: changes that are in its memory are missing");
  }
  if (state.journal_unclean) {
    warnings.emplace_back("the journal has changes that are not in the volume: the newest ones may be missing");
  }
  if (state.dirty) warnings.emplace_back("Windows marked the volume to be checked: files may be damaged");
  return warnings;
}

}  // namespace rescue::files
