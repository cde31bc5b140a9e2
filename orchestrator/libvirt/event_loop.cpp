// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/event_loop.hpp"

#include "orchestrator/libvirt/virt_error.hpp"

#include <libvirt/libvirt.h>

#include <mutex>

namespace rescue::libvirt {
namespace {

void nothing(int /*timer*/, void* /*opaque*/) {}

/// A timer that is due at once: makes the loop return from poll.
int wake_up() { return virEventAddTimeout(0, nothing, nullptr, nullptr); }

void register_once() {
  static const bool registered = [] {
    silence_libvirt();
    if (virInitialize() < 0) throw virt_error("libvirt can't be initialised");
    if (virEventRegisterDefaultImpl() < 0) throw virt_error("libvirt's event loop can't be registered");
    return true;
  }();
  static_cast<void>(registered);
}

}  // namespace

std::shared_ptr<EventLoop> EventLoop::instance() {
  static std::mutex mutex;
  static std::weak_ptr<EventLoop> current;
  const std::scoped_lock lock(mutex);
  if (auto loop = current.lock()) return loop;
  register_once();
  std::shared_ptr<EventLoop> loop(new EventLoop);
  current = loop;
  return loop;
}

EventLoop::EventLoop()
    : thread_([this] {
        while (!stop_) virEventRunDefaultImpl();
      }) {}

EventLoop::~EventLoop() {
  stop_ = true;
  const int timer = wake_up();
  thread_.join();
  // Later rounds of the loop free deregistered callbacks; the due timer keeps those rounds from blocking.
  for (int round = 0; round < 3; ++round) virEventRunDefaultImpl();
  if (timer >= 0) virEventRemoveTimeout(timer);
}

}  // namespace rescue::libvirt
