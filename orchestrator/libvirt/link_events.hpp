// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// libvirt's callbacks and the state that they share with the link. Internal to the adapter.

#include "core/error.hpp"
#include "orchestrator/libvirt/link.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rescue::libvirt {

struct Link::State {
  std::string uri;
  GuestBook guests;

  std::mutex mutex;  ///< guards the members below
  std::condition_variable_any changed;
  ConnectHandle connection;
  std::vector<int> callbacks;  ///< registered on `connection`
  bool lost = false;           ///< `connection` is dead and not yet dropped
  bool wanted = false;         ///< a call waits for a connection
  bool seeking = false;        ///< the connection was lost: reconnects without a request
  std::uint64_t attempts = 0;
  std::unique_ptr<Error> last_error;  ///< of the last attempt
  std::vector<domain::GuestEvent> queue;
  std::vector<std::function<void(const domain::GuestEvent&)>> sinks;

  /// Records the event and queues it for the sinks.
  void tell(const domain::GuestEvent& event);
};

/// Returns the callback ids; empty, with libvirt's error set, when registering fails.
[[nodiscard]] std::vector<int> register_events(virConnect* connection, const std::shared_ptr<Link::State>& state);
void unregister_events(virConnect* connection, const std::vector<int>& callbacks);

}  // namespace rescue::libvirt
