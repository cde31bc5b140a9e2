// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/channel.hpp"

#include "core/error.hpp"
#include "orchestrator/files/protocol.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace rescue::files {

void Channel::wait_for(short events) const {
  if (!limit_) return;  // the socket blocks
  pollfd waiting{descriptor_, events, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, static_cast<int>(limit_->count()));
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) throw system_error("cannot wait for the reader of the volume", errno);
  if (ready == 0) {
    throw Error(ErrorCode::timeout, "the reader of the volume does not answer",
                "The disk may hang: `dmesg` shows its errors. Read other files, or another volume.");
  }
}

void Channel::send(std::string_view message) const {
  while (!message.empty()) {
    wait_for(POLLOUT);
    // The confined end has no system call to send; it ends by a signal if its peer has gone.
    const auto count = limit_ ? ::send(descriptor_, message.data(), message.size(), MSG_NOSIGNAL)
                              : ::write(descriptor_, message.data(), message.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw system_error("cannot send to the other end of a volume", errno);
    message.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::size_t Channel::receive_into(char* bytes, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    wait_for(POLLIN);
    const auto count = ::read(descriptor_, bytes + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot receive from the other end of a volume", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::optional<std::string> Channel::receive(std::size_t most) const {
  std::array<char, length_bytes> prefix{};
  const auto begun = receive_into(prefix.data(), prefix.size());
  if (begun == 0) return std::nullopt;
  const auto length = begun == prefix.size() ? length_of({prefix.data(), prefix.size()}, most) : 0;
  std::string message(length, '\0');
  if (length == 0 || receive_into(message.data(), length) != length) {
    throw Error(ErrorCode::io, "the other end of a volume has gone in the middle of a message");
  }
  return message;
}

}  // namespace rescue::files
