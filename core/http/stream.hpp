// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The body of a response that is written while it comes to be: server-sent events. It holds no thread while it waits.

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace rescue::http {

/// Thread-safe. Who writes keeps one std::shared_ptr, the response another.
class Stream {
public:
  /// A peer that is more than `most_pending` bytes behind is given up: it would take memory without an end.
  explicit Stream(std::size_t most_pending = std::size_t{256} << 10U) : most_pending_(most_pending) {}

  /// At once; what is written before the response is sent follows its header. False, and without effect, once the peer
  /// is gone or was given up, or after `end`.
  bool write(std::string_view bytes);
  /// The body is complete.
  void end();
  [[nodiscard]] bool is_open() const;

  /// For the server. `wake` is called, by the thread that writes, when there is something to take.
  void attach(std::function<void()> wake);
  struct Taken {
    std::string bytes;
    bool ended = false;
    bool given_up = false;  ///< the end would be a lie
  };
  [[nodiscard]] Taken take();
  /// The peer is gone: `wake` is not called from now on.
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
