// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/link_events.hpp"

#include <optional>

namespace rescue::libvirt {
namespace {

using domain::GuestEventKind;

/// A callback's argument: the callback may run, and be freed, after the link is gone.
struct Subscription {
  std::weak_ptr<Link::State> state;
  virConnect* connection;  ///< compared, never used
};

void free_subscription(void* opaque) { delete static_cast<Subscription*>(opaque); }

void tell(void* opaque, virDomain* domain, GuestEventKind kind) {
  const auto state = static_cast<Subscription*>(opaque)->state.lock();
  if (state) state->tell({kind, virDomainGetName(domain)});
}

/// Without VIR_DOMAIN_EVENT_CRASHED: with on_crash=destroy the domain's end follows, and is reported once.
std::optional<GuestEventKind> kind_of(int event, int detail) {
  if (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR)
    return GuestEventKind::paused;
  if (event != VIR_DOMAIN_EVENT_STOPPED) return std::nullopt;
  const bool crash = detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED || detail == VIR_DOMAIN_EVENT_STOPPED_FAILED;
  return crash ? GuestEventKind::crashed : GuestEventKind::stopped;
}

int on_lifecycle(virConnect* /*connection*/, virDomain* domain, int event, int detail, void* opaque) {
  if (event == VIR_DOMAIN_EVENT_STARTED) {
    if (const auto state = static_cast<Subscription*>(opaque)->state.lock()) {
      state->guests.note_running(virDomainGetName(domain));
    }
  }
  if (const auto kind = kind_of(event, detail)) tell(opaque, domain, *kind);
  return 0;
}

void on_reboot(virConnect* /*connection*/, virDomain* domain, void* opaque) {
  tell(opaque, domain, GuestEventKind::rebooted);
}

void on_agent(virConnect* /*connection*/, virDomain* domain, int state, int /*reason*/, void* opaque) {
  if (state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED) {
    tell(opaque, domain, GuestEventKind::agent_connected);
  } else if (state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED) {
    tell(opaque, domain, GuestEventKind::agent_disconnected);
  }
}

void on_close(virConnect* /*connection*/, int /*reason*/, void* opaque) {
  const auto* subscription = static_cast<Subscription*>(opaque);
  const auto state = subscription->state.lock();
  if (!state) return;
  {
    const std::scoped_lock lock(state->mutex);
    if (state->connection.get() == subscription->connection) state->lost = true;
  }
  state->changed.notify_all();
}

/// libvirt casts each callback back to the type of its event.
template <class Callback>
virConnectDomainEventGenericCallback generic(Callback* callback) {
  return reinterpret_cast<virConnectDomainEventGenericCallback>(reinterpret_cast<void (*)()>(callback));
}

}  // namespace

std::vector<int> register_events(virConnect* connection, const std::shared_ptr<Link::State>& state) {
  std::vector<int> ids;
  const auto add = [&](int event, virConnectDomainEventGenericCallback callback) {
    auto* subscription = new Subscription{state, connection};
    const int id =
        virConnectDomainEventRegisterAny(connection, nullptr, event, callback, subscription, free_subscription);
    if (id < 0)
      delete subscription;
    else
      ids.push_back(id);
    return id >= 0;
  };
  const bool complete = add(VIR_DOMAIN_EVENT_ID_LIFECYCLE, generic(on_lifecycle)) &&
                        add(VIR_DOMAIN_EVENT_ID_REBOOT, generic(on_reboot)) &&
                        add(VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, generic(on_agent));
  if (!complete) {
    unregister_events(connection, ids);
    return {};
  }
  auto* subscription = new Subscription{state, connection};
  if (virConnectRegisterCloseCallback(connection, on_close, subscription, free_subscription) < 0) delete subscription;
  return ids;
}

void unregister_events(virConnect* connection, const std::vector<int>& callbacks) {
  for (const int id : callbacks) virConnectDomainEventDeregisterAny(connection, id);
  // Without this the close callback keeps its reference and the connection is never freed.
  virConnectUnregisterCloseCallback(connection, on_close);
}

}  // namespace rescue::libvirt
