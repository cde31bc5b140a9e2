// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/mailbox.hpp"

namespace rescue::control {

void Mailbox::expect(bool somebody) {
  const std::lock_guard lock(mutex_);
  expected_ = somebody;
}

bool Mailbox::expected() const {
  const std::lock_guard lock(mutex_);
  return expected_ || waiting_;
}

std::optional<Delivery> Mailbox::collect(const std::string& who, Milliseconds limit) {
  std::optional<Delivery> delivery;
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this] { return waiting_ || !expected_; });
    if (!waiting_) return std::nullopt;
    delivery = std::move(waiting_);
    waiting_.reset();
    taken_by_ = who;
  }
  changed_.notify_all();
  return delivery;
}

ports::Announced Mailbox::announce(const domain::ConnectionData& connection, const Secret& password,
                                   const ports::Recipients&, Milliseconds limit, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (!expected_) return {};
  expected_ = false;
  taken_by_.clear();
  waiting_ = Delivery{connection, password.clone()};
  changed_.notify_all();
  changed_.wait_for(lock, stop, limit, [this] { return !taken_by_.empty(); });
  waiting_.reset();
  return {taken_by_, {}};
}

}  // namespace rescue::control
