// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/changes.hpp"

namespace rescue::netboot {

void Changes::Subscription::end() noexcept {
  if (!sinks_) return;
  {
    const std::lock_guard lock(sinks_->mutex);
    sinks_->list.erase(place_);
  }
  sinks_.reset();
}

Changes::Subscription Changes::subscribe(Sink sink) {
  const std::lock_guard lock(sinks_->mutex);
  sinks_->list.push_back(std::move(sink));
  return {sinks_, std::prev(sinks_->list.end())};
}

void Changes::tell(const Change& change) {
  const std::lock_guard lock(sinks_->mutex);
  for (const auto& sink : sinks_->list) sink(change);
}

}  // namespace rescue::netboot
