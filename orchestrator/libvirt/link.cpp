// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/link.hpp"

#include "core/log.hpp"
#include "orchestrator/libvirt/link_events.hpp"
#include "orchestrator/libvirt/timed_call.hpp"
#include "orchestrator/libvirt/virt_error.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <utility>

namespace rescue::libvirt {
namespace {

using domain::GuestEvent;
using domain::GuestEventKind;

// Connecting to a libvirtd that is down fails at once. One that its socket has just started answers when its drivers
// are up: 12 s on an emulated CPU.
constexpr Milliseconds connect_limit{60'000};
constexpr Milliseconds first_retry{100};
constexpr Milliseconds longest_retry{2'000};
// A libvirtd that hangs is noticed after interval * (count + 1) seconds.
constexpr int keepalive_interval = 5;
constexpr unsigned keepalive_count = 3;

}  // namespace

Link::Link(std::string uri) : loop_(EventLoop::instance()), state_(std::make_shared<State>()) {
  state_->uri = std::move(uri);
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Link::~Link() {
  worker_.request_stop();
  worker_.join();
  if (state_->connection) unregister_events(state_->connection.get(), state_->callbacks);
}

GuestBook& Link::guests() { return state_->guests; }

void Link::subscribe(std::function<void(const GuestEvent&)> sink) {
  const std::scoped_lock lock(state_->mutex);
  state_->sinks.push_back(std::move(sink));
}

ConnectHandle Link::connect() {
  std::unique_lock lock(state_->mutex);
  const auto usable = [&] { return state_->connection && !state_->lost; };
  if (!usable()) {
    if (std::this_thread::get_id() == worker_.get_id()) {
      throw Error(ErrorCode::internal, "libvirt was called from an event sink while it was away");
    }
    const auto attempts = state_->attempts;
    state_->wanted = true;
    state_->changed.notify_all();
    const bool tried = state_->changed.wait_for(
        lock, connect_limit, [&] { return usable() || (state_->attempts != attempts && !state_->wanted); });
    if (!tried) throw Error(ErrorCode::hypervisor, "libvirt does not answer at " + state_->uri, start_libvirt_hint());
    if (!usable()) throw Error(*state_->last_error);
  }
  virConnectRef(state_->connection.get());
  return ConnectHandle(state_->connection.get());
}

DomainHandle Link::find(const std::string& guest) {
  const auto connection = connect();
  DomainHandle domain(virDomainLookupByName(connection.get(), guest.c_str()));
  if (!domain && last_error_code() != VIR_ERR_NO_DOMAIN) throw virt_error("the guest " + guest + " can't be looked up");
  return domain;
}

DomainHandle Link::require_running(const std::string& guest) {
  auto domain = find(guest);
  if (!domain || virDomainIsActive(domain.get()) == 0) {
    throw Error(ErrorCode::hypervisor, "the guest " + guest + " does not run");
  }
  state_->guests.note_running(guest);
  return domain;
}

void Link::work(const std::stop_token& stop) {
  Milliseconds pause = first_retry;
  std::unique_lock lock(state_->mutex);
  while (!stop.stop_requested()) {
    const auto busy = [&] { return state_->lost || state_->wanted || !state_->queue.empty(); };
    if (state_->seeking) {
      state_->changed.wait_for(lock, stop, pause, busy);
      pause = std::min(pause * 2, longest_retry);
    } else {
      state_->changed.wait(lock, stop, busy);
      pause = first_retry;
    }
    const auto events = std::exchange(state_->queue, {});
    const auto sinks = state_->sinks;
    const bool lost = state_->lost;
    lock.unlock();
    for (const auto& event : events) {
      for (const auto& sink : sinks) sink(event);
    }
    if (lost) drop_lost_connection();
    lock.lock();
    const bool connect_now = !state_->connection && (state_->wanted || (state_->seeking && events.empty()));
    if (state_->connection && !state_->lost) state_->wanted = false;
    if (!connect_now || stop.stop_requested()) continue;
    lock.unlock();
    try_to_connect();
    lock.lock();
  }
}

void Link::drop_lost_connection() {
  ConnectHandle connection;
  std::vector<int> callbacks;
  {
    const std::scoped_lock lock(state_->mutex);
    connection = std::move(state_->connection);
    callbacks = std::exchange(state_->callbacks, {});
    state_->lost = false;
    state_->seeking = true;
    state_->last_error =
        std::make_unique<Error>(ErrorCode::hypervisor, "the connection to libvirt was lost", start_libvirt_hint());
    state_->queue.push_back({GuestEventKind::hypervisor_lost, {}});
  }
  log::warning("the connection to libvirt was lost; guests keep running");
  if (connection) unregister_events(connection.get(), callbacks);
}

void Link::try_to_connect() {
  auto connection =
      timed("connect to " + state_->uri, [this] { return ConnectHandle(virConnectOpen(state_->uri.c_str())); });
  std::unique_ptr<Error> problem;
  std::vector<int> callbacks;
  if (connection) {
    // A local driver (test, embed) has no keepalive; that is not an error.
    static_cast<void>(virConnectSetKeepAlive(connection.get(), keepalive_interval, keepalive_count));
    callbacks = register_events(connection.get(), state_);
    if (callbacks.empty()) problem = std::make_unique<Error>(virt_error("libvirt sends no events"));
  } else {
    auto error = virt_error("libvirt does not answer at " + state_->uri);
    // Whatever the cause, the hint is to check the service.
    if (error.hint().empty()) error = Error(error.code(), error.what(), start_libvirt_hint());
    problem = std::make_unique<Error>(error);
  }
  auto* const fresh = connection.get();
  bool came_back = false;
  {
    const std::scoped_lock lock(state_->mutex);
    ++state_->attempts;
    state_->wanted = false;
    if (problem) {
      state_->last_error = std::move(problem);
    } else {
      state_->connection = std::move(connection);
      state_->callbacks = std::move(callbacks);
      // The connection may have died before the close callback could find it here.
      state_->lost = virConnectIsAlive(fresh) == 0;
      came_back = std::exchange(state_->seeking, false);
      if (came_back) state_->queue.push_back({GuestEventKind::hypervisor_back, {}});
    }
  }
  state_->changed.notify_all();
  if (!came_back) return;
  log::info("the connection to libvirt is back");
  report_vanished(fresh);
}

/// Reports guests that ended without a connection. The cause is unknown: crash is the safer guess, because it restarts
/// the guest.
void Link::report_vanished(virConnect* connection) {
  for (const auto& guest : state_->guests.running()) {
    const DomainHandle domain(virDomainLookupByName(connection, guest.c_str()));
    if (!domain && last_error_code() != VIR_ERR_NO_DOMAIN) continue;
    if (domain && virDomainIsActive(domain.get()) != 0) continue;
    state_->tell({GuestEventKind::crashed, guest});
  }
}

void Link::State::tell(const GuestEvent& event) {
  if (!guests.note(event)) return;
  {
    const std::scoped_lock lock(mutex);
    queue.push_back(event);
  }
  changed.notify_all();
}

}  // namespace rescue::libvirt
