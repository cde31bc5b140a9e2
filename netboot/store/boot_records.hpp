// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few columns that decide what a server boots, read for 100,000 servers at a time.

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

/// What a server may ask by.
struct BootKeys {
  std::vector<std::uint64_t> macs;  ///< MacAddress::number_of; the first is the one that people call the server's
  UuidNumber uuid;                  ///< all zeros: not told
  std::string serial;               ///< empty: not told
  bool operator==(const BootKeys&) const = default;
};

struct BootRecord {
  std::string name;
  Firmware firmware = Firmware::uefi;
  std::string loader;
  std::string address;  ///< registered; empty: none
  BootKeys keys;
  long long stamp = 0;  ///< another one after each edit
};

/// Differs when servers were added, removed or edited. Cheap to read.
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

  /// Each server, in one reading of the database. `use` must not call this or the store.
  void each(const std::function<void(BootRecord&&)>& use);
  [[nodiscard]] std::optional<BootRecord> of(const std::string& server);
  [[nodiscard]] BootFingerprint fingerprint();
  /// The leases that nobody has ended, by server; with `now`, without those that had run out by then.
  [[nodiscard]] std::map<std::string, Lease> leases(std::optional<WallTime> now = std::nullopt);
  [[nodiscard]] std::optional<Lease> lease(const std::string& server);

  /// Counts boots of a lease that were decided while the database was away; the last was at `last`.
  void add_boots(const std::string& server, long long lease, unsigned boots, WallTime last);
  /// What the server boots now; none: it is not known. With `count`, a rescue boot counts against its lease: the answer
  /// is what to serve, its lease is as it stands afterwards.
  [[nodiscard]] std::optional<ServerState> boot(const ServerName& name, bool count);

private:
  Store& store_;
};

}  // namespace rescue::netboot
