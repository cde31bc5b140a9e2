// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/tls/pump.hpp"

#include "core/sigpipe.hpp"
#include "core/tls/openssl.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

namespace rescue::tls {
namespace {

constexpr std::size_t block_size = 64 * 1024;

/// Bytes on their way in one direction; refilled only when all are gone.
struct Buffer {
  std::vector<std::uint8_t> bytes;
  std::size_t sent = 0;

  [[nodiscard]] bool empty() const noexcept { return sent == bytes.size(); }
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return std::span(bytes).subspan(sent); }
  void clear() noexcept {
    bytes.clear();
    sent = 0;
  }
};

class Pump {
public:
  Pump(Channel::State& channel, int plain, int wake, const Filter& filter)
      : channel_(channel), plain_(plain), wake_(wake), filter_(filter), block_(block_size) {}

  PumpEnd run() {
    for (;;) {
      moved_ = false;
      channel_events_ = 0;
      plain_events_ = 0;
      read_channel();
      write_plain();
      read_plain();
      write_channel();
      if (end_) return *end_;
      if (wait()) return PumpEnd::woken;
    }
  }

private:
  /// Records the first end. It shows only when all that was received from that side is delivered.
  void finish(PumpEnd end) {
    if (!end_) end_ = end;
  }

  /// Handles a result of OpenSSL below 1: sets the events to wait for, or the end.
  void handle_channel(int result) {
    const int error = SSL_get_error(channel_.connection.get(), result);
    if (error == SSL_ERROR_WANT_READ) {
      channel_events_ = static_cast<short>(channel_events_ | POLLIN);
    } else if (error == SSL_ERROR_WANT_WRITE) {
      channel_events_ = static_cast<short>(channel_events_ | POLLOUT);
    } else {
      finish(PumpEnd::channel_closed);
    }
    ERR_clear_error();
  }

  void read_channel() {
    if (!to_plain_.empty()) return;
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(channel_.connection.get(), block_.data(), block_.size(), &count);
    if (result != 1) return handle_channel(result);
    moved_ = true;
    to_plain_.clear();
    const auto received = std::span(block_).first(count);
    if (!filter_) {
      to_plain_.bytes.assign(received.begin(), received.end());
    } else if (!filter_(received, to_plain_.bytes)) {
      finish(PumpEnd::refused);
    }
  }

  void write_plain() {
    if (to_plain_.empty()) return;
    const auto rest = to_plain_.rest();
    const auto count = ::send(plain_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      to_plain_.sent += static_cast<std::size_t>(count);
      moved_ = true;
    } else if (errno == EAGAIN) {
      plain_events_ = static_cast<short>(plain_events_ | POLLOUT);
    } else if (errno != EINTR) {
      finish(PumpEnd::plain_closed);
    }
  }

  void read_plain() {
    if (!to_channel_.empty()) return;
    const auto count = ::recv(plain_, block_.data(), block_.size(), MSG_DONTWAIT);
    if (count > 0) {
      to_channel_.clear();
      to_channel_.bytes.assign(block_.begin(), block_.begin() + count);
      moved_ = true;
    } else if (count < 0 && errno == EAGAIN) {
      plain_events_ = static_cast<short>(plain_events_ | POLLIN);
    } else if (count == 0 || errno != EINTR) {
      finish(PumpEnd::plain_closed);
    }
  }

  void write_channel() {
    if (to_channel_.empty()) return;
    std::size_t count = 0;
    const auto rest = to_channel_.rest();
    ERR_clear_error();
    const int result = SSL_write_ex(channel_.connection.get(), rest.data(), rest.size(), &count);
    if (result != 1) return handle_channel(result);
    to_channel_.sent += count;
    moved_ = true;
  }

  /// Blocks until there is something to do; true: woken by the caller. Looks only, if bytes have just been moved.
  bool wait() {
    std::array<pollfd, 3> ready{pollfd{channel_.socket.get(), channel_events_, 0}, pollfd{plain_, plain_events_, 0},
                                pollfd{wake_, POLLIN, 0}};
    if (plain_events_ == 0) ready[1].fd = -1;  // its end shows after what was received of it is delivered
    if (channel_events_ == 0) ready[0].fd = -1;
    const int count = ::poll(ready.data(), ready.size(), moved_ ? 0 : -1);
    return count > 0 && ready[2].revents != 0;
  }

  Channel::State& channel_;
  int plain_;
  int wake_;
  const Filter& filter_;
  std::vector<std::uint8_t> block_;
  Buffer to_plain_;
  Buffer to_channel_;
  short channel_events_ = 0;
  short plain_events_ = 0;
  bool moved_ = false;
  std::optional<PumpEnd> end_;
};

}  // namespace

PumpEnd pump(Channel& channel, int plain, int wake, const Filter& from_channel) {
  const WithoutSigpipe no_signal;
  const auto end = Pump(channel.state(), plain, wake, from_channel).run();
  channel.close();
  return end;
}

}  // namespace rescue::tls
