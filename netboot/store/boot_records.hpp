// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few columns that decide what a server boots, for bulk reads of 100,000 servers.

#include "netboot/domain/server_state.hpp"
#include "netboot/domain/uuid_number.hpp"
#include "netboot/store/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

/// Keys in the requests of a server.
struct BootKeys {
  std::vector<std::uint64_t> macs;  ///< MacAddress::number_of; people use the first as the server's
  UuidNumber uuid;                  ///< all zeros: unknown
  std::string serial;               ///< empty: unknown
  bool operator==(const BootKeys&) const = default;
};

struct BootRecord {
  std::string name;
  Firmware firmware = Firmware::uefi;
  std::string loader;
  std::string address;  ///< registered; empty: none
  BootKeys keys;
  long long stamp = 0;  ///< changes with each edit
};

/// Changes when servers are added, removed or edited. Cheap to read.
struct BootFingerprint {
  long long servers = 0;
  long long macs = 0;
  long long stamps = 0;  ///< the sum
  bool operator==(const BootFingerprint&) const = default;
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class BootRecords {
public:
  /// `store` outlives this.
  explicit BootRecords(Store& store) : store_(store) {}

  /// Calls `use` with each server of one snapshot. `use` must not call this or the store.
  void each(const std::function<void(BootRecord&&)>& use);
  [[nodiscard]] std::optional<BootRecord> of(const std::string& server);
  [[nodiscard]] BootFingerprint fingerprint();
  /// The leases that were not ended, by server; with `now`, without those that had expired by then.
  [[nodiscard]] std::map<std::string, Lease> leases(std::optional<WallTime> now = std::nullopt);
  [[nodiscard]] std::optional<Lease> lease(const std::string& server);

  /// Counts boots of a lease that were decided while the database was away; the last was at `last`.
  void add_boots(const std::string& server, long long lease, unsigned boots, WallTime last);
  /// Returns what the server boots now; none: it is unknown. With `count`, a rescue boot counts against its lease: the
  /// answer has the mode to serve, and the lease after the count.
  [[nodiscard]] std::optional<ServerState> boot(const ServerName& name, bool count);

private:
  Store& store_;
};

}  // namespace rescue::netboot
