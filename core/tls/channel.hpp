// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TLS 1.3 over a connected socket, with deadlines. No authority is asked: the two ends prove to each other who they are
// over the channel's binding.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "core/tls/identity.hpp"

#include <memory>
#include <span>
#include <string>

namespace rescue::tls {

enum class Outcome {
  done,
  closed,     ///< the peer has ended the connection
  timed_out,  ///< the deadline is over
  woken,      ///< the caller's wake descriptor became readable
  failed,     ///< not TLS, not this protocol, or a broken connection
};

/// Limit of an operation. `wake`: a descriptor that ends it when it is readable, such as an eventfd; -1: none.
struct Patience {
  SteadyTime deadline;
  int wake = -1;
};

/// One end of a connection. Not thread-safe. Never raises SIGPIPE.
class Channel {
public:
  /// `protocol`: name that both ends must use (ALPN, RFC 7301); the handshake fails with any other peer.
  [[nodiscard]] static Channel server(FileDescriptor socket, const Identity& identity, const std::string& protocol);
  /// Accepts every certificate: check `server_certificate` or prove over `binding`.
  [[nodiscard]] static Channel client(FileDescriptor socket, const std::string& protocol);

  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&& other) noexcept;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  [[nodiscard]] Outcome handshake(const Patience& patience);
  /// SHA-256 of the server's certificate, on both ends. After the handshake; throws `internal` before it.
  [[nodiscard]] Digest server_certificate() const;
  /// Value that only the two ends of this very connection share (tls-exporter, RFC 9266). After the handshake; throws
  /// `internal` before it.
  [[nodiscard]] Digest binding() const;

  /// Sends all of it.
  [[nodiscard]] Outcome send(std::span<const std::uint8_t> bytes, const Patience& patience);
  /// Receives exactly as many bytes as `into` has.
  [[nodiscard]] Outcome receive(std::span<std::uint8_t> into, const Patience& patience);
  /// Blocks until the peer sends something or closes (`done`), which is not read.
  [[nodiscard]] Outcome wait_readable(const Patience& patience);
  /// Notifies the peer of the end (close_notify); does not wait for its answer.
  void close() noexcept;

  struct State;
  [[nodiscard]] State& state() noexcept { return *state_; }

private:
  explicit Channel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rescue::tls
