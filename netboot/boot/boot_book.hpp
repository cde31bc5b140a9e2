// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decides what a server boots, at once, with or without the database. A whole fleet may ask in the same minute.

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

/// Answers boots from the disk from memory. One that may be a rescue boot is read from the database, which counts it
/// for all replicas. While the database is away the last known lease holds: it allows no more rescue boots than it has
/// left, and they are counted when the database is back.
///
/// Thread-safe. Store::changes() keeps it current; regular polls find missed changes.
class BootBook {
public:
  /// Reads all servers at once; throws `unavailable`. `store` outlives this. Does not count boots of modes that are not
  /// in `catalogue`.
  BootBook(Store& store, Catalogue catalogue);
  BootBook(const BootBook&) = delete;
  BootBook& operator=(const BootBook&) = delete;
  ~BootBook();

  /// Answers a request from `peer` from memory. None: call `boot`, which may block. Only the server's registered
  /// address, if it has one, gets anything but the disk; an empty `peer` counts as the server itself.
  [[nodiscard]] std::optional<BootAnswer> at_once(const BootKey& key, const std::string& peer = {}) const;
  /// Returns the current boot mode. With `count`, a rescue boot counts against its lease, and the result has the lease
  /// after that. Does not throw if the database is away.
  [[nodiscard]] BootAnswer boot(const BootKey& key, bool count, const std::string& peer = {});
  /// The server as in memory; does not block.
  [[nodiscard]] std::optional<BootState> known(const BootKey& key) const { return table_.find(key); }
  /// True if memory is complete: only then a server that it lacks does not exist.
  [[nodiscard]] bool knows_all() const;

  /// Reads one server before a change of its boot mode is answered: from then on it boots so, even if the database goes
  /// away. Blocks for the database; does not throw.
  void learn(const ServerName& server);

  /// Writes missed boots to the database and reads changes; with `look` also those without a notification. A thread of
  /// the book calls it regularly. Throws `unavailable`.
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
  Versions stale_;  ///< changed servers, and the number of their changes since they were read
  bool missed_some_ = false;

  std::mutex reading_;                  ///< held while the database is read into the table, for the order of results
  std::array<std::mutex, 64> booting_;  ///< one boot of a server at a time
  std::atomic<SteadyTime> away_until_{SteadyTime{}};
  Changes::Subscription subscription_;
  std::jthread keeper_;
};

}  // namespace rescue::netboot
