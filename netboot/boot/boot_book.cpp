// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/boot_book.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <functional>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr Milliseconds look_again{5'000};     ///< for leases without a notification
constexpr Milliseconds away_for{2'000};       ///< pause after a failure of the database
constexpr std::size_t too_many_to_ask = 500;  ///< servers: reading all is faster than one by one

/// True if memory suffices: the server boots its disk, and nothing elsewhere can change that.
bool is_sure(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now) {
  if (!lease) return true;
  const auto state = state_of(*lease, limits, now);
  return state == LeaseState::expired || state == LeaseState::booted || state == LeaseState::spent;
}

/// True if the request comes from another address than the server's.
bool is_stranger(const BootState& server, const std::string& peer) {
  return !peer.empty() && !server.address.empty() && server.address != peer;
}

}  // namespace

BootBook::BootBook(Store& store, Catalogue catalogue)
    : store_(store), catalogue_(std::move(catalogue)), records_(store) {
  subscription_ = store_.changes().subscribe([this](const Change& change) { note(change); });
  load();
  keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

BootBook::~BootBook() = default;

void BootBook::note(const Change& change) {
  {
    const std::lock_guard lock(stale_mutex_);
    if (change.kind == Change::Kind::server) {
      ++stale_[change.server];
    } else if (change.kind == Change::Kind::all) {
      missed_some_ = true;
    } else {
      return;
    }
  }
  woken_.notify_all();
}

BootBook::Versions BootBook::stale() const {
  const std::lock_guard lock(stale_mutex_);
  return stale_;
}

void BootBook::is_current(const std::string& server, unsigned long version) {
  const std::lock_guard lock(stale_mutex_);
  const auto found = stale_.find(server);
  if (found != stale_.end() && found->second == version) stale_.erase(found);
}

/// True for an unknown server: it may have been added just now.
bool BootBook::is_stale(const std::optional<BootState>& found) const {
  const std::lock_guard lock(stale_mutex_);
  return found ? stale_.contains(found->server) : !stale_.empty();
}

BootAnswer BootBook::answer(std::optional<BootState> state) const {
  const auto mode = state ? mode_at(state->lease, store_.limits(), store_.now()) : BootMode::disk;
  return {std::move(state), mode};
}

bool BootBook::knows_all() const {
  const std::lock_guard lock(stale_mutex_);
  return stale_.empty() && !missed_some_;
}

std::optional<BootAnswer> BootBook::at_once(const BootKey& key, const std::string& peer) const {
  auto found = table_.find(key);
  if (is_stale(found)) return std::nullopt;
  bool strange = false;
  if (found && !is_sure(found->lease, store_.limits(), store_.now())) {
    strange = is_stranger(*found, peer);
    if (!strange) return std::nullopt;
  }
  return BootAnswer{std::move(found), BootMode::disk, strange};
}

BootAnswer BootBook::boot(const BootKey& key, bool count, const std::string& peer) {
  if (!database_is_away() && is_stale(table_.find(key))) {
    try {
      const std::lock_guard lock(reading_);
      read_stale();
    } catch (const std::exception& error) {
      database_failed(error);
    }
  }
  auto found = table_.find(key);
  if (!found || is_sure(found->lease, store_.limits(), store_.now())) return answer(std::move(found));
  if (is_stranger(*found, peer)) return {std::move(found), BootMode::disk, true};
  const auto name = found->server;
  const bool counts = count && catalogue_.boots(found->lease.value().mode);
  const std::lock_guard one_at_a_time(booting_.at(std::hash<std::string>{}(name) % booting_.size()));
  if (!database_is_away()) {
    try {
      {
        const std::lock_guard lock(reading_);
        tell_uncounted();  // otherwise the database would allow these boots again
      }
      auto state = records_.boot(ServerName::parse(name), counts);
      if (!state) return {};
      table_.put_lease(name, state->lease);
      const auto& server = state->server;
      return {
          BootState{name, {server.firmware, server.loader}, server.macs.front().number(), state->lease, server.address},
          state->mode};
    } catch (const std::exception& error) {
      database_failed(error);
    }
  }
  return counts ? table_.count(name, store_.limits(), store_.now()) : answer(table_.find(key));
}

void BootBook::load() {
  const auto stale_before = stale();
  const std::lock_guard lock(reading_);
  table_.begin_reload();
  records_.each([this](BootRecord&& record) { table_.put(std::move(record)); });
  table_.end_reload();
  table_.put_leases(records_.leases(), store_.now());
  for (const auto& [server, version] : stale_before) is_current(server, version);
}

void BootBook::read_again(const std::string& server) {
  auto record = records_.of(server);
  if (!record) return table_.remove(server);
  auto lease = records_.lease(server);
  table_.put(*std::move(record));
  table_.put_lease(server, std::move(lease));
}

void BootBook::read_stale() {
  for (const auto& [server, version] : stale()) {
    read_again(server);
    is_current(server, version);
  }
}

void BootBook::learn(const ServerName& server) {
  try {
    const std::lock_guard lock(reading_);
    read_again(server.text());
  } catch (const std::exception& error) {
    database_failed(error);
  }
}

void BootBook::tell_uncounted() {
  for (const auto& boots : table_.uncounted()) {
    records_.add_boots(boots.server, boots.lease, boots.boots, boots.last);
    table_.counted(boots);
    log::info("{}: {} boots of its lease are counted now", boots.server, boots.boots);
  }
}

void BootBook::look_for_missed() {
  auto missed = records_.fingerprint() != table_.fingerprint();
  if (missed) {
    // A notification may have come just now.
    const std::lock_guard lock(reading_);
    read_stale();
    missed = records_.fingerprint() != table_.fingerprint();
  }
  if (missed) {
    log::info("servers have changed without a notification: reading all of them again");
    return load();
  }
  const std::lock_guard lock(reading_);
  const auto now = store_.now();
  table_.put_leases(records_.leases(now), now);
}

void BootBook::catch_up(bool look) {
  bool all = false;
  {
    const std::lock_guard lock(stale_mutex_);
    all = std::exchange(missed_some_, false) || stale_.size() > too_many_to_ask;
  }
  try {
    {
      const std::lock_guard lock(reading_);
      tell_uncounted();
    }
    if (all) load();
    {
      const std::lock_guard lock(reading_);
      read_stale();
    }
    if (look) look_for_missed();
  } catch (...) {
    const std::lock_guard lock(stale_mutex_);
    missed_some_ = true;
    throw;
  }
  if (away_until_.exchange(SteadyTime{}) != SteadyTime{}) log::info("boot scripts: the database is back");
}

bool BootBook::database_is_away() const { return std::chrono::steady_clock::now() < away_until_.load(); }

void BootBook::database_failed(const std::exception& error) {
  const auto before = away_until_.exchange(std::chrono::steady_clock::now() + away_for);
  if (before != SteadyTime{}) return;
  log::error("boot scripts are answered from memory while the database is away: {}", report_of(error).one_line());
}

bool BootBook::catch_up_or_say_why(bool look) {
  try {
    catch_up(look);
    return true;
  } catch (const std::exception& error) {
    database_failed(error);
    return false;
  }
}

void BootBook::keep(const std::stop_token& stop) {
  auto next_look = std::chrono::steady_clock::now() + look_again;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(stale_mutex_);
      woken_.wait_until(lock, stop, next_look, [this] { return !stale_.empty() || missed_some_; });
    }
    if (stop.stop_requested()) return;
    const bool look = std::chrono::steady_clock::now() >= next_look;
    if (look) next_look = std::chrono::steady_clock::now() + look_again;
    if (catch_up_or_say_why(look)) continue;
    std::unique_lock lock(stale_mutex_);
    woken_.wait_for(lock, stop, away_for / 2, [] { return false; });
  }
}

}  // namespace rescue::netboot
