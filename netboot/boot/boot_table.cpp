// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/boot_table.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace rescue::netboot {

BootState BootTable::state_of(const Entry& entry) {
  return {*entry.name, entry.disk, entry.keys.macs.empty() ? 0 : entry.keys.macs.front(),
          entry.lease ? std::optional(*entry.lease) : std::nullopt, entry.address};
}

const BootTable::Entry* BootTable::entry_of(const BootKey& key) const {
  const auto look = [](const auto& entries, const auto& wanted) -> const Entry* {
    const auto found = entries.find(wanted);
    return found == entries.end() ? nullptr : found->second;
  };
  if (const auto* const mac = std::get_if<std::uint64_t>(&key)) return look(by_mac_, *mac);
  if (const auto* const uuid = std::get_if<UuidNumber>(&key)) return look(by_uuid_, *uuid);
  // Serial numbers of older servers may differ in case only.
  const auto& serial = std::get<std::string>(key);
  const auto* const as_written = look(by_serial_, std::string_view(serial));
  return as_written != nullptr ? as_written : look(by_lower_serial_, lower_case(serial));
}

std::optional<BootState> BootTable::find(const BootKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto* const entry = entry_of(key);
  return entry == nullptr ? std::nullopt : std::optional(state_of(*entry));
}

BootFingerprint BootTable::fingerprint() const {
  const std::shared_lock lock(mutex_);
  return {static_cast<long long>(entries_.size()), static_cast<long long>(by_mac_.size()), stamps_};
}

void BootTable::index(Entry& entry) {
  for (const auto mac : entry.keys.macs) by_mac_[mac] = &entry;
  if (entry.keys.uuid != UuidNumber{}) by_uuid_[entry.keys.uuid] = &entry;
  if (entry.keys.serial.empty()) return;
  by_serial_.erase(entry.keys.serial);  // its key may be the text of another entry
  by_serial_.emplace(entry.keys.serial, &entry);
  by_lower_serial_[lower_case(entry.keys.serial)] = &entry;
}

void BootTable::forget_keys(Entry& entry) {
  // Each key may belong to another server by now.
  const auto forget = [&entry](auto& entries, const auto& key) {
    if (const auto found = entries.find(key); found != entries.end() && found->second == &entry) entries.erase(found);
  };
  for (const auto mac : entry.keys.macs) forget(by_mac_, mac);
  forget(by_uuid_, entry.keys.uuid);
  forget(by_serial_, std::string_view(entry.keys.serial));
  forget(by_lower_serial_, lower_case(entry.keys.serial));
  entry.keys = {};
}

void BootTable::put(BootRecord&& record) {
  const std::unique_lock lock(mutex_);
  const auto place = entries_.try_emplace(std::move(record.name)).first;
  auto& entry = place->second;
  entry.name = &place->first;
  entry.disk = {record.firmware, std::move(record.loader)};
  entry.address = std::move(record.address);
  entry.generation = generation_;
  stamps_ += record.stamp - std::exchange(entry.stamp, record.stamp);
  if (entry.keys != record.keys) {
    forget_keys(entry);
    entry.keys = std::move(record.keys);
  }
  index(entry);
}

void BootTable::remove(const std::string& server) {
  const std::unique_lock lock(mutex_);
  const auto found = entries_.find(server);
  if (found == entries_.end()) return;
  forget_keys(found->second);
  stamps_ -= found->second.stamp;
  leased_.erase(server);
  uncounted_.erase(server);
  entries_.erase(found);
}

void BootTable::set_lease(Entry& entry, std::optional<Lease> lease) {
  if (!lease) {
    entry.lease.reset();
    leased_.erase(*entry.name);
    return;
  }
  if (const auto more = uncounted_.find(*entry.name); more != uncounted_.end() && more->second.lease == lease->id) {
    lease->boots += more->second.boots;
    lease->last_boot = std::max(lease->last_boot.value_or(WallTime{}), more->second.last);
  }
  const bool is_older = entry.lease && entry.lease->id == lease->id && entry.lease->boots > lease->boots;
  if (is_older) {
    lease->boots = entry.lease->boots;
    lease->last_boot = entry.lease->last_boot;
  }
  entry.lease = std::make_unique<Lease>(*std::move(lease));
  leased_.insert(*entry.name);
}

void BootTable::put_lease(const std::string& server, std::optional<Lease> lease) {
  const std::unique_lock lock(mutex_);
  const auto found = entries_.find(server);
  if (found != entries_.end()) set_lease(found->second, std::move(lease));
}

void BootTable::put_leases(std::map<std::string, Lease>&& leases, WallTime now) {
  const std::unique_lock lock(mutex_);
  std::vector<std::string> ended;
  for (const auto& name : leased_) {
    const auto& lease = entries_.at(name).lease;
    if (lease->expires > now && !leases.contains(name)) ended.push_back(name);
  }
  for (const auto& name : ended) set_lease(entries_.at(name), std::nullopt);
  for (auto& [name, lease] : leases) {
    if (const auto found = entries_.find(name); found != entries_.end()) set_lease(found->second, std::move(lease));
  }
}

void BootTable::begin_reload() {
  const std::unique_lock lock(mutex_);
  ++generation_;
}

void BootTable::end_reload() {
  std::vector<std::string> gone;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      if (entry.generation != generation_) gone.push_back(name);
    }
  }
  for (const auto& name : gone) remove(name);
}

BootAnswer BootTable::count(const std::string& server, const LeaseLimits& limits, WallTime now) {
  const std::unique_lock lock(mutex_);
  const auto found = entries_.find(server);
  if (found == entries_.end()) return {};
  auto& lease = found->second.lease;
  const auto mode = lease ? mode_at(*lease, limits, now) : BootMode::disk;
  if (mode != BootMode::disk) {
    const auto before = lease->boots;
    *lease = after_boot(*lease, limits, now);
    if (lease->boots != before) {
      auto& more = uncounted_[server];
      if (more.lease != lease->id) more = {server, lease->id};
      ++more.boots;
      more.last = now;
    }
  }
  return {state_of(found->second), mode};
}

std::vector<BootTable::Uncounted> BootTable::uncounted() const {
  const std::shared_lock lock(mutex_);
  std::vector<Uncounted> all;
  for (const auto& [name, boots] : uncounted_) all.push_back(boots);
  return all;
}

void BootTable::counted(const Uncounted& boots) {
  const std::unique_lock lock(mutex_);
  const auto found = uncounted_.find(boots.server);
  if (found == uncounted_.end() || found->second.lease != boots.lease) return;
  found->second.boots -= boots.boots;
  if (found->second.boots == 0) uncounted_.erase(found);
}

}  // namespace rescue::netboot
