// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// libvirt's event loop in its own thread. Events and keepalive need it.

#include <atomic>
#include <memory>
#include <thread>

namespace rescue::libvirt {

/// One for the process, because libvirt has one event implementation for the process; lives as long as it is shared.
class EventLoop {
public:
  /// Registers libvirt's default implementation (once) and starts the thread. Throws `hypervisor`.
  static std::shared_ptr<EventLoop> instance();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Ends the thread, then lets libvirt free the objects that closed connections left to the loop.
  ~EventLoop();

private:
  EventLoop();
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace rescue::libvirt
