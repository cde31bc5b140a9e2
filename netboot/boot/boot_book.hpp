// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Says what a server boots, at once, and whether or not the database is there. A whole fleet asks in the same minute.

#include "netboot/boot/boot_table.hpp"
#include "netboot/boot/catalogue.hpp"
#include "netboot/store/changes.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

/// Every boot from the disk is answered from memory. One that may be a rescue boot is asked of the database, which
/// counts it for all replicas. While the database is away, the last word it has said is kept to: never more rescue
/// boots than the lease allows by that, and they are counted when it is back.
///
/// Thread-safe. Kept current by Store::changes(); what was missed is found by looking now and then.
class BootBook {
public:
  /// Reads all servers in one go; throws `unavailable`. `store` outlives this. Boots of what `catalogue` does not have
  /// are not counted.
  BootBook(Store& store, Catalogue catalogue);
  BootBook(const BootBook&) = delete;
  BootBook& operator=(const BootBook&) = delete;
  ~BootBook();

  /// From memory, for who asks from `peer`. None: `boot` is to be asked, which may block. Only the server's registered
  /// address, where there is one, is answered with anything but the disk; an empty `peer` is taken for the server
  /// itself.
  [[nodiscard]] std::optional<BootAnswer> at_once(const BootKey& key, const std::string& peer = {}) const;
  /// What the server boots now. With `count`, a rescue boot counts against its lease, which comes back as it stands
  /// afterwards. Does not throw where the database is away.
  [[nodiscard]] BootAnswer boot(const BootKey& key, bool count, const std::string& peer = {});
  /// The server as memory has it; blocks for nothing.
  [[nodiscard]] std::optional<BootState> known(const BootKey& key) const { return table_.find(key); }
  /// Whether memory knows all that the database was said to have: only then there is no server that it does not have.
  [[nodiscard]] bool knows_all() const;

  /// Reads one server. Who changes what it boots is answered after this: from then on it boots so, even if the database
  /// goes away. Blocks for the database; does not throw.
  void learn(const ServerName& server);

  /// Tells the database of what it has missed and reads what has changed; with `look` also what nobody told. A thread
  /// of the book's does so by itself. Throws `unavailable`.
  void catch_up(bool look);

private:
  using Versions = std::map<std::string, unsigned long>;

  void note(const Change& change);
  void load();
  void read_again(const std::string& server);
  void read_stale();
  void tell_uncounted();
  void look_for_missed();
  bool catch_up_or_say_why(bool look);
  void keep(const std::stop_token& stop);
  [[nodiscard]] bool is_stale(const std::optional<BootState>& found) const;
  [[nodiscard]] Versions stale() const;
  void is_current(const std::string& server, unsigned long version);
  [[nodiscard]] bool database_is_away() const;
  void database_failed(const std::exception& error);
  [[nodiscard]] BootAnswer answer(std::optional<BootState> state) const;

  Store& store_;
  const Catalogue catalogue_;
  BootRecords records_;
  BootTable table_;

  mutable std::mutex stale_mutex_;
  std::condition_variable_any woken_;
  Versions stale_;  ///< servers that have changed, and how often, since they were read
  bool missed_some_ = false;

  std::mutex reading_;  ///< held from a reading of the database until it is in the table: no older one comes after it
  std::array<std::mutex, 64> booting_;  ///< one boot of a server at a time
  std::atomic<SteadyTime> away_until_{SteadyTime{}};
  Changes::Subscription subscription_;
  std::jthread keeper_;
};

}  // namespace rescue::netboot
