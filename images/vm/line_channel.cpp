// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/line_channel.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rescue::vm {

std::pair<FileDescriptor, FileDescriptor> socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw system_error("can't create a pair of sockets", errno);
  }
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

LineChannel::LineChannel(FileDescriptor socket, std::string peer, std::size_t longest)
    : socket_(std::move(socket)), peer_(std::move(peer)), longest_(longest) {}

bool LineChannel::wait_for(short events, SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{socket_.get(), events, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (count > 0) return true;
    if (count == 0 && left <= 0) return false;
  }
}

void LineChannel::send(std::string_view text, SteadyTime deadline) {
  // Two parts instead of a sum: the text may be a secret, which is not copied.
  for (auto part : {text, std::string_view("\n")}) {
    while (!part.empty()) {
      const auto count = ::send(socket_.get(), part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count >= 0) {
        part.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN) {
        if (!wait_for(POLLOUT, deadline)) throw Error(ErrorCode::timeout, peer_ + " does not read what is sent to it");
      } else if (errno != EINTR) {
        throw Error(ErrorCode::unavailable, peer_ + " has closed its connection");
      }
    }
  }
}

void LineChannel::read_more() {
  std::array<char, 16'384> bytes{};
  const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) throw Error(ErrorCode::unavailable, peer_ + " has closed its connection");
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
}

std::optional<std::string> LineChannel::take_line() {
  for (;;) {
    const auto end = buffer_.find('\n');
    if (end == std::string::npos) {
      if (skipping_) buffer_.clear();
      if (buffer_.size() <= longest_) return std::nullopt;
      buffer_.clear();
      skipping_ = true;
    } else if (skipping_ || end > longest_) {
      buffer_.erase(0, end + 1);
      if (std::exchange(skipping_, false)) continue;
    } else {
      auto line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    throw Error(ErrorCode::io, fmt::format("{} sent a line of more than {} bytes", peer_, longest_));
  }
}

std::optional<std::string> LineChannel::receive(SteadyTime deadline) {
  for (;;) {
    if (auto line = take_line()) return line;
    if (!wait_for(POLLIN, deadline)) return std::nullopt;
    read_more();
  }
}

}  // namespace rescue::vm
