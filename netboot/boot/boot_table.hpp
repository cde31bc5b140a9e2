// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The boot state of each server, in memory: compact, and found by the keys that firmware sends.

#include "netboot/ipxe/script.hpp"
#include "netboot/store/boot_records.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace rescue::netboot {

/// State of a server for its boot script.
struct BootState {
  std::string server;
  ipxe::Disk disk;
  std::uint64_t mac = 0;       ///< of its first card
  std::optional<Lease> lease;  ///< the latest one that was not ended; it may be used up or expired
  std::string address{};       ///< registered; empty: none
};

struct BootAnswer {
  std::optional<BootState> server;  ///< none: unknown here
  BootMode mode = BootMode::disk;
  bool is_stranger = false;  ///< another peer asks: the answer hides the server's boot mode, and nothing counts
};

/// The key in a server's request: MacAddress::number_of, its UUID, or its serial number.
using BootKey = std::variant<std::uint64_t, UuidNumber, std::string>;

/// Thread-safe. The boots of a lease only grow here, as in the database: a late update decreases none.
class BootTable {
public:
  [[nodiscard]] std::optional<BootState> find(const BootKey& key) const;
  [[nodiscard]] BootFingerprint fingerprint() const;

  /// Replaces what is known of the server; its lease stays.
  void put(BootRecord&& record);
  void remove(const std::string& server);
  void put_lease(const std::string& server, std::optional<Lease> lease);
  /// Replaces all leases; those that expired before `now` may be missing.
  void put_leases(std::map<std::string, Lease>&& leases, WallTime now);

  /// Begins a reload; `end_reload` forgets the servers that were not put in since.
  void begin_reload();
  void end_reload();

  /// Returns what the server boots, and counts it here; the database is updated later.
  [[nodiscard]] BootAnswer count(const std::string& server, const LeaseLimits& limits, WallTime now);
  /// Boots that the database has not counted yet.
  struct Uncounted {
    std::string server;
    long long lease = 0;
    unsigned boots = 0;
    WallTime last{};
  };
  [[nodiscard]] std::vector<Uncounted> uncounted() const;
  /// Call it when the database has counted them.
  void counted(const Uncounted& boots);

private:
  struct Entry {
    const std::string* name = nullptr;
    ipxe::Disk disk;
    std::string address;
    BootKeys keys;
    long long stamp = 0;
    std::unique_ptr<Lease> lease;
    unsigned generation = 0;
  };
  [[nodiscard]] const Entry* entry_of(const BootKey& key) const;
  void index(Entry& entry);
  void forget_keys(Entry& entry);
  void set_lease(Entry& entry, std::optional<Lease> lease);
  [[nodiscard]] static BootState state_of(const Entry& entry);

  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::uint64_t, Entry*> by_mac_;
  std::unordered_map<UuidNumber, Entry*, UuidNumber::Hash> by_uuid_;
  std::unordered_map<std::string_view, Entry*> by_serial_;  ///< each key is its entry's own text
  std::unordered_map<std::string, Entry*> by_lower_serial_;
  long long stamps_ = 0;  ///< the sum
  std::unordered_set<std::string> leased_;
  std::map<std::string, Uncounted> uncounted_;
  unsigned generation_ = 0;
};

}  // namespace rescue::netboot
