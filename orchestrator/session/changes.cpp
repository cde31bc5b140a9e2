// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/changes.hpp"

#include "core/log.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace rescue::session {
namespace {

using domain::GuestDisk;

/// "40 MiB", "512 KiB"
std::string amount(std::uint64_t bytes) {
  constexpr unsigned mib_bits = 20;
  constexpr unsigned kib_bits = 10;
  const auto mib = bytes >> mib_bits;
  return mib > 0 ? fmt::format("{} MiB", mib) : fmt::format("{} KiB", bytes >> kib_bits);
}

bool has_overlays(const domain::SessionRecord& record) {
  return record.plan && record.plan->guest.disk_mode == domain::DiskMode::overlay;
}

/// Whether somebody may have worked in the guest.
bool had_access(const domain::SessionRecord& record) { return record.find(domain::StepName::announce) != nullptr; }

/// The guest's disks, also those that have died since.
std::vector<GuestDisk*> all_disks(SessionContext& context) {
  std::vector<GuestDisk*> all;
  for (auto* const list : {&context.plan().guest.disks, &context.plan().withdrawn_disks}) {
    for (auto& given : *list) all.push_back(&given);
  }
  return all;
}

std::vector<domain::Disk> hardware_of(const std::vector<GuestDisk*>& disks) {
  std::vector<domain::Disk> hardware;
  hardware.reserve(disks.size());
  for (const auto* given : disks) hardware.push_back(given->disk);
  return hardware;
}

bool is_left(SessionContext& context, const GuestDisk* given) {
  return context.ports.overlays.size_of(given->source) > 0;
}

void remove_folder(SessionContext& context) {
  const auto disks = all_disks(context);
  if (context.plan().changes_mib == 0 || disks.empty()) return;
  context.ports.host.remove_memory_folder(folder_of(disks.front()->source));
}

/// The disks that can't be used now, by their paths.
std::map<std::string, domain::ExcludedDisk> obstacles(SessionContext& context) {
  std::map<std::string, domain::ExcludedDisk> found;
  for (const auto& obstacle : context.ports.claims.obstacles(hardware_of(all_disks(context)))) {
    found.emplace(obstacle.path, obstacle);
  }
  return found;
}

/// Nobody is to take a disk with half of the changes for one without them. The rest of a disk that has died is lost
/// with it.
void require_discardable(SessionContext& context) {
  const auto blocked = obstacles(context);
  for (const auto* given : all_disks(context)) {
    if (!given->half_written || !is_left(context, given)) continue;
    const auto found = blocked.find(given->disk.path);
    if (found == blocked.end() || found->second.reason != domain::ExclusionReason::offline) {
      throw Error(ErrorCode::conflict,
                  fmt::format("the changes can't be discarded: a part of them is on {} already", given->disk.path),
                  "Have the rest written, too: rescuectl finish --keep-changes");
    }
    context.record.warn(
        fmt::format("{} is offline and half written: the rest of its changes is discarded", given->disk.path));
  }
}

std::string drop(SessionContext& context) {
  require_discardable(context);
  for (auto* given : all_disks(context)) {
    context.ports.overlays.discard(given->source);
    given->half_written = false;
  }
  remove_folder(context);
  return "the changes are discarded";
}

void require_decision(SessionContext& context) {
  if (!context.record.changes_undecided) return;
  const bool restarted = context.record.boot_id != context.ports.host.boot_id();
  throw Error(
      ErrorCode::precondition,
      fmt::format("the session has failed, and what the guest wrote is kept apart{}",
                  restarted ? "; the host was restarted since, so somebody else may have written to the disks" : ""),
      "Decide: rescuectl finish --keep-changes writes it to the disks, --discard-changes drops it.");
}

/// Files in memory do not outlive the host's restart. Others are gone only once their changes were written.
std::string settle_nothing(SessionContext& context) {
  auto& record = context.record;
  remove_folder(context);
  const bool restarted = !record.boot_id.empty() && record.boot_id != context.ports.host.boot_id();
  const bool were_written = is_half_written(record);
  if (restarted && record.plan->changes_mib > 0) {
    for (const auto* given : all_disks(context)) {
      record.warn(
          given->half_written
              ? fmt::format("{} is half written: the host was restarted while the guest's changes were written, and "
                            "the rest is lost. Have its volumes checked before they are used",
                            given->disk.path)
              : fmt::format("{}: what the guest wrote is lost, since the host was restarted; the disk is as before "
                            "the session",
                            given->disk.path));
    }
    for (auto* given : all_disks(context)) given->half_written = false;
    return {};
  }
  for (auto* given : all_disks(context)) given->half_written = false;
  return restarted && were_written ? "the changes were written before the host was restarted" : "";
}

/// Throws what the port throws. Until a disk is written completely, the journal says that it is half written.
void write(SessionContext& context, GuestDisk& given) {
  auto& overlays = context.ports.overlays;
  overlays.require_intact(given.disk, given.source);
  const bool was_half_written = std::exchange(given.half_written, true);
  try {
    if (context.save) context.save();
  } catch (const std::exception&) {
    given.half_written = was_half_written;
    throw;
  }
  try {
    overlays.commit(given.disk, given.source);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::subprocess) given.half_written = was_half_written;  // it did not start
    throw;
  }
  given.half_written = false;
}

std::string keep(SessionContext& context) {
  const auto blocked = obstacles(context);
  std::string failed;
  const auto fail = [&](const std::string& why) { failed += (failed.empty() ? "" : "; ") + why; };
  std::vector<GuestDisk*> good;
  for (auto* given : all_disks(context)) {
    const auto found = blocked.find(given->disk.path);
    if (found == blocked.end()) {
      good.push_back(given);
    } else if (is_left(context, given)) {
      fail(found->second.detail);
    }
  }
  // The held disks must still be those that were found.
  if (!good.empty()) context.ports.claims.claim(hardware_of(good));
  std::uint64_t written = 0;
  for (auto* given : good) {
    const auto bytes = context.ports.overlays.size_of(given->source);
    if (bytes == 0) {
      given->half_written = false;  // its file went once it was written
      continue;
    }
    context.wait_for(fmt::format("{} of changes to be written to {}", amount(bytes), given->disk.path));
    try {
      write(context, *given);
      written += bytes;
    } catch (const Error& error) {
      log::error("{}: {}", given->disk.path, report_of(error).one_line());
      fail(fmt::format("{}: {}", given->disk.path, error.what()));
    }
  }
  if (!failed.empty()) {
    throw Error(ErrorCode::disk, "the changes could not be written: " + failed,
                "They are kept apart, and a disk may be half written until this is repeated: rescuectl finish "
                "--keep-changes. If that can't succeed: --discard-changes.");
  }
  remove_folder(context);
  return fmt::format("{} of changes written", amount(written));
}

}  // namespace

void find_disks_again(Ports& ports, const domain::DiskRules& rules, domain::SessionRecord& record) {
  if (!has_overlays(record)) return;
  const auto survey = ports.inventory.survey(rules);
  auto& plan = *record.plan;
  for (auto* const list : {&plan.guest.disks, &plan.withdrawn_disks}) {
    for (auto& given : *list) {
      if (given.disk.serial.empty() && given.disk.wwn.empty()) continue;
      const auto is_it = [&](const domain::Disk& disk) {
        return disk.serial == given.disk.serial && disk.wwn == given.disk.wwn &&
               disk.size_bytes == given.disk.size_bytes;
      };
      const auto found = std::find_if(survey.usable.begin(), survey.usable.end(), is_it);
      if (found == survey.usable.end() || std::count_if(found, survey.usable.end(), is_it) > 1) continue;
      if (found->path != given.disk.path) {
        log::info("{} of before the restart is {} now", given.disk.path, found->path);
      }
      given.disk = *found;
    }
  }
}

bool is_half_written(const domain::SessionRecord& record) {
  if (!record.plan) return false;
  const auto& plan = *record.plan;
  const auto half_written = [](const GuestDisk& given) { return given.half_written; };
  return std::any_of(plan.guest.disks.begin(), plan.guest.disks.end(), half_written) ||
         std::any_of(plan.withdrawn_disks.begin(), plan.withdrawn_disks.end(), half_written);
}

bool may_have_changes(const domain::SessionRecord& record) { return has_overlays(record) && had_access(record); }

void make_overlays(SessionContext& context) {
  if (!has_overlays(context.record)) return;
  const auto& plan = context.plan();
  if (plan.guest.disks.empty()) return;
  if (plan.changes_mib > 0) {
    context.ports.host.provide_memory_folder(folder_of(plan.guest.disks.front().source), plan.changes_mib);
  }
  for (const auto& given : plan.guest.disks) context.ports.overlays.create(given.disk, given.source);
}

std::string settle_changes(SessionContext& context) {
  if (!has_overlays(context.record)) return {};
  if (context.record.changes == domain::Changes::discard || !had_access(context.record)) return drop(context);
  const auto disks = all_disks(context);
  const auto left = [&](const GuestDisk* given) { return is_left(context, given); };
  if (std::none_of(disks.begin(), disks.end(), left)) return settle_nothing(context);
  require_decision(context);
  return keep(context);
}

}  // namespace rescue::session
