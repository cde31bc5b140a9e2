// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Body of a response that is written over time: server-sent events. It holds no thread while it waits.

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace rescue::http {

/// Thread-safe. The writer keeps one std::shared_ptr, the response another.
class Stream {
public:
  /// Drops a peer that is more than `most_pending` bytes behind, to bound the memory.
  explicit Stream(std::size_t most_pending = std::size_t{256} << 10U) : most_pending_(most_pending) {}

  /// Returns at once; bytes written before the response is sent follow its header. Returns false, without effect, if
  /// the peer has gone or was dropped, or after `end`.
  bool write(std::string_view bytes);
  /// Completes the body.
  void end();
  [[nodiscard]] bool is_open() const;

  /// For the server. The writing thread calls `wake` when there are bytes to take.
  void attach(std::function<void()> wake);
  struct Taken {
    std::string bytes;
    bool ended = false;
    bool given_up = false;  ///< the body is incomplete: do not end it in order
  };
  [[nodiscard]] Taken take();
  /// The peer has gone: stops calls of `wake`.
  void abandon();

private:
  const std::size_t most_pending_;
  mutable std::mutex mutex_;
  std::string pending_;
  std::function<void()> wake_;
  bool ended_ = false;
  bool abandoned_ = false;
};

}  // namespace rescue::http
