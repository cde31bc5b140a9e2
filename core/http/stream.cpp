// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/stream.hpp"

#include <utility>

namespace rescue::http {

bool Stream::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (ended_ || abandoned_) return false;
  const bool fits = pending_.size() + bytes.size() <= most_pending_;
  if (fits) {
    pending_ += bytes;
  } else {
    abandoned_ = true;
    pending_.clear();
  }
  if (wake_) wake_();
  return fits;
}

void Stream::end() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(ended_, true)) return;
  if (wake_) wake_();
}

bool Stream::is_open() const {
  const std::lock_guard lock(mutex_);
  return !ended_ && !abandoned_;
}

void Stream::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

Stream::Taken Stream::take() {
  const std::lock_guard lock(mutex_);
  return {std::exchange(pending_, {}), ended_, abandoned_};
}

void Stream::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  wake_ = nullptr;
  pending_.clear();
}

}  // namespace rescue::http
