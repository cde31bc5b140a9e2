// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_session.hpp"

namespace rescue::http {
namespace asio = boost::asio;

namespace {

/// Cost of a message in the queue: an empty one is not free.
std::size_t cost_of(std::size_t bytes) {
  constexpr std::size_t overhead = 64;
  return bytes + overhead;
}

}  // namespace

bool WebSocketState::send(MessageKind kind, std::string message) {
  const std::lock_guard lock(mutex_);
  if (is_over_ || closing_) return false;
  if (pending_ + cost_of(message.size()) > limits_.most_pending) {
    closing_ = Closing{CloseCode::policy, "reads too slowly"};
    asio::post(executor_, drop_);
    return false;
  }
  pending_ += cost_of(message.size());
  is_behind_ = is_behind_ || pending_ > limits_.drained;
  queue_.push_back({kind, std::move(message)});
  wake_locked();
  return true;
}

std::size_t WebSocketState::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

void WebSocketState::pause_reading() {
  const std::lock_guard lock(mutex_);
  is_paused_ = true;
}

void WebSocketState::resume_reading() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(is_paused_, false) || is_over_) return;
  asio::post(executor_, [self = shared_from_this()] { self->wake_reader(); });
}

void WebSocketState::close(CloseCode code, std::string_view reason) {
  constexpr std::size_t longest = 120;
  const std::lock_guard lock(mutex_);
  if (is_over_ || closing_) return;
  closing_ = Closing{code, std::string(reason.substr(0, longest))};
  is_paused_ = false;  // the peer's own close must be read
  asio::post(executor_, [self = shared_from_this()] { self->begin_farewell(); });
}

void WebSocketState::begin_farewell() {
  if (!timers_) return;
  wake_reader();
  wake_writer();
  timers_->farewell.expires_after(limits_.farewell);
  timers_->farewell.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !self->is_over()) self->drop_();
  });
}

void WebSocketState::wake_writer() {
  if (timers_) timers_->news.cancel();
}

void WebSocketState::wake_reader() {
  if (timers_) timers_->reading.cancel();
}

void WebSocketState::release() {
  end();
  timers_.reset();
}

std::optional<WebSocketState::Message> WebSocketState::next() {
  const std::lock_guard lock(mutex_);
  is_woken_ = false;
  if (queue_.empty()) return std::nullopt;
  auto message = std::move(queue_.front());
  queue_.pop_front();
  return message;
}

void WebSocketState::begin_write() {
  timers_->writing.expires_after(limits_.silence);
  timers_->writing.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !self->is_over()) self->drop_();
  });
}

bool WebSocketState::sent(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (timers_) timers_->writing.cancel();
  pending_ -= cost_of(bytes);
  return pending_ <= limits_.drained && std::exchange(is_behind_, false);
}

std::optional<WebSocketState::Closing> WebSocketState::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

bool WebSocketState::is_paused() const {
  const std::lock_guard lock(mutex_);
  return is_paused_;
}

bool WebSocketState::is_over() const {
  const std::lock_guard lock(mutex_);
  return is_over_;
}

void WebSocketState::end() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(is_over_, true)) return;
  queue_.clear();
  timers_->farewell.cancel();
}

void WebSocketState::wake_locked() {
  if (std::exchange(is_woken_, true)) return;
  asio::post(executor_, [self = shared_from_this()] { self->wake_writer(); });
}

}  // namespace rescue::http
