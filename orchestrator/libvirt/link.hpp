// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The connection with its events; reconnects after a restart of libvirtd. Internal to the adapter.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "orchestrator/domain/guest.hpp"
#include "orchestrator/libvirt/event_loop.hpp"
#include "orchestrator/libvirt/guest_book.hpp"

#include <libvirt/libvirt.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace rescue::libvirt {

using ConnectHandle = Handle<virConnect, virConnectClose>;
using DomainHandle = Handle<virDomain, virDomainFree>;

class Link {
public:
  explicit Link(std::string uri);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  /// A new reference to the live connection; connects when there is none. Throws `hypervisor` with a hint. Blocks for
  /// 60 s at most.
  [[nodiscard]] ConnectHandle connect();

  /// The domain with that name, running or not; null without one. Throws `hypervisor`.
  [[nodiscard]] DomainHandle find(const std::string& guest);
  /// Like `find`, and it runs. Throws `hypervisor` when it doesn't.
  [[nodiscard]] DomainHandle require_running(const std::string& guest);

  /// Delivers events from now on, on the link's own thread.
  void subscribe(std::function<void(const domain::GuestEvent&)> sink);

  [[nodiscard]] GuestBook& guests();

  /// Shared with libvirt's callbacks, which may outlive the link.
  struct State;

private:
  void work(const std::stop_token& stop);
  void try_to_connect();
  void report_vanished(virConnect* connection);
  void drop_lost_connection();

  std::shared_ptr<EventLoop> loop_;  // first, so that it is destroyed last
  std::shared_ptr<State> state_;
  std::jthread worker_;
};

}  // namespace rescue::libvirt
