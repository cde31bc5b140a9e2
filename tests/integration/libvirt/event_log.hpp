// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Events that a hypervisor delivered to its subscribers, for tests that wait for them.

#include "orchestrator/ports/hypervisor.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace rescue::tests {

/// Outlives the hypervisor's last event, which may come late.
class EventLog {
public:
  explicit EventLog(ports::Hypervisor& hypervisor) {
    hypervisor.subscribe([content = content_](const domain::GuestEvent& event) {
      const std::scoped_lock lock(content->mutex);
      content->events.push_back(event.kind);
      content->changed.notify_all();
    });
  }

  [[nodiscard]] long count(domain::GuestEventKind kind) const {
    const std::scoped_lock lock(content_->mutex);
    return std::count(content_->events.begin(), content_->events.end(), kind);
  }

  /// Returns false if it has not come that often within `limit`.
  [[nodiscard]] bool wait_for(domain::GuestEventKind kind, long times = 1,
                              Milliseconds limit = Milliseconds(30'000)) const {
    std::unique_lock lock(content_->mutex);
    return content_->changed.wait_for(
        lock, limit, [&] { return std::count(content_->events.begin(), content_->events.end(), kind) >= times; });
  }

private:
  struct Content {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<domain::GuestEventKind> events;
  };
  std::shared_ptr<Content> content_ = std::make_shared<Content>();
};

}  // namespace rescue::tests
