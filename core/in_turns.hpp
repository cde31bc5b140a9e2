// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work that waits often and long without holding a thread: a coroutine that yields how long it waits.

#include "core/clock.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <stop_token>
#include <utility>

namespace rescue {

/// `co_yield wait` ends a turn: the driver resumes the work after that time, on any thread. `co_await part` runs other
/// work as a part of this, turn by turn. Objects that parameters refer to must outlive the work. Destroying it between
/// two turns cancels it and destroys its state. For one thread at a time.
class [[nodiscard]] InTurns {
public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  InTurns(InTurns&& other) noexcept : work_(std::exchange(other.work_, {})) {}
  InTurns& operator=(InTurns&& other) noexcept {
    std::swap(work_, other.work_);
    return *this;
  }
  InTurns(const InTurns&) = delete;
  InTurns& operator=(const InTurns&) = delete;
  ~InTurns() {
    if (work_) work_.destroy();
  }

  /// Runs the next turn. Returns how long to wait before the one after it; none: the work is done, do not resume it.
  /// Throws what the work throws: then it is done, too.
  [[nodiscard]] std::optional<Milliseconds> go_on();

  class Part;
  Part operator co_await() noexcept;

private:
  explicit InTurns(Handle work) : work_(work) {}

  Handle work_;
};

struct InTurns::promise_type {
  /// At the end of a part: resumes the work that awaits it, else returns to the driver.
  struct End {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] std::coroutine_handle<> await_suspend(Handle done) const noexcept {
      auto& promise = done.promise();
      if (!promise.whole) return std::noop_coroutine();
      promise.root->at_turn = promise.whole;
      return promise.whole;
    }
    void await_resume() const noexcept {}
  };

  InTurns get_return_object() {
    at_turn = Handle::from_promise(*this);
    return InTurns(at_turn);
  }
  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] End final_suspend() const noexcept { return {}; }
  std::suspend_always yield_value(Milliseconds time) noexcept {
    root->wait = time;
    return {};
  }
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { error = std::current_exception(); }

  promise_type* root = this;  ///< root of the driven work
  Handle whole;               ///< work that this is a part of
  Handle at_turn;             ///< in the root: the part that resumes next
  Milliseconds wait{};        ///< in the root: until the next turn
  std::exception_ptr error;
};

class InTurns::Part {
public:
  explicit Part(Handle part) : part_(part) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  [[nodiscard]] std::coroutine_handle<> await_suspend(Handle whole) const noexcept {
    auto& promise = part_.promise();
    promise.whole = whole;
    promise.root = whole.promise().root;
    promise.root->at_turn = part_;
    return part_;
  }
  void await_resume() const {
    if (part_.promise().error) std::rethrow_exception(part_.promise().error);
  }

private:
  Handle part_;
};

inline InTurns::Part InTurns::operator co_await() noexcept { return Part(work_); }

inline std::optional<Milliseconds> InTurns::go_on() {
  auto& promise = work_.promise();
  promise.at_turn.resume();
  if (!work_.done()) return promise.wait;
  if (promise.error) std::rethrow_exception(promise.error);
  return std::nullopt;
}

/// Runs all turns and waits in between. False if `stop` is requested meanwhile: then the work stays where it is.
[[nodiscard]] inline bool do_all_turns(InTurns work, Clock& clock, const std::stop_token& stop) {
  while (const auto wait = work.go_on()) {
    if (!clock.sleep_for(*wait, stop)) return false;
  }
  return true;
}

}  // namespace rescue
