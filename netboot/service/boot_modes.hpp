// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot modes: what servers boot next, as people, panels and host agents set it.

#include "netboot/boot/boot_book.hpp"
#include "netboot/domain/lease_request.hpp"
#include "netboot/domain/server_state.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/service_options.hpp"
#include "netboot/service/sessions.hpp"

#include <optional>

namespace rescue::netboot {

struct BootModeChange {
  BootMode mode = BootMode::disk;
  LeaseTerms terms;
  bool force = false;  ///< even under a live session
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class BootModes {
public:
  struct Parts {
    Leases& leases;
    Sessions& sessions;
    BootBook& book;
  };
  /// The objects in `parts` outlive this.
  BootModes(const Parts& parts, ServiceOptions options) : parts_(parts), options_(std::move(options)) {}

  /// Sets the boot mode. Returns none, and changes nothing, if `expected` is given and is no longer the
  /// `lease_version`. Throws `not_found` without the server, `denied` to a host agent for anything but the disk,
  /// `precondition` for what can't be booted, and `conflict` while a session may be alive: its end needs the lease.
  /// Host agents may end their own.
  [[nodiscard]] std::optional<ServerState> set(const ServerName& name, const BootModeChange& change,
                                               const Caller& caller, std::optional<long long> expected);

private:
  [[nodiscard]] std::optional<ServerState> set_disk(const ServerName& name, const Caller& caller,
                                                    std::optional<long long> expected,
                                                    const std::optional<AgentRules>& heeded);
  [[nodiscard]] std::optional<ServerState> set_lease(const ServerName& name, const BootModeChange& change,
                                                     const Caller& caller, std::optional<long long> expected,
                                                     const std::optional<AgentRules>& heeded);

  const Parts parts_;
  const ServiceOptions options_;
};

}  // namespace rescue::netboot
