// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/system_disk.hpp"

#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace rescue::session {
namespace {

using domain::WarningCode;

/// Below this the throw-away disk counts as full: QEMU writes clusters of 64 KiB, and metadata beside them.
constexpr unsigned full_below_mib = 16;
constexpr unsigned least_growth_mib = 256;

/// A folder with a file that takes what the guest writes.
struct Growing {
  std::string folder;
  unsigned* mib = nullptr;  ///< its memory in the plan; 0: it is on a disk
  const char* what = "";
};

Growing throw_away_disk(domain::RescuePlan& plan) {
  return {folder_of(plan.guest.system_disk), &plan.overlay_mib, "its throw-away disk"};
}

std::optional<Growing> overlays_of_disks(domain::RescuePlan& plan) {
  if (plan.guest.disk_mode != domain::DiskMode::overlay || plan.guest.disks.empty()) return std::nullopt;
  return Growing{folder_of(plan.guest.disks.front().source), &plan.changes_mib,
                 "the memory for what it writes to the server's disks"};
}

/// Memory of both folders that is not filled yet.
unsigned promised_mib(SessionContext& context) {
  unsigned free = 0;
  const auto overlays = overlays_of_disks(context.plan());
  for (const auto& growing : {std::optional(throw_away_disk(context.plan())), overlays}) {
    if (growing && *growing->mib > 0) free += context.ports.host.room_of(growing->folder).free_mib;
  }
  return free;
}

/// MiB of memory that neither the host's reserve nor the guest nor the image will need: what is available now, without
/// the part of the guest's memory that it has not touched yet, and without half of the host's reserve.
unsigned spare_memory_mib(SessionContext& context) {
  const auto& guest = context.plan().guest;
  const unsigned resident = context.ports.hypervisor.resident_memory_mib(guest.name);
  const unsigned untouched = guest.memory_mib > resident ? guest.memory_mib - resident : 0;
  // A streamed image's cache may still fill.
  const auto& image = context.plan().image;
  const unsigned cache = image.system_disk.starts_with("nbd") ? image.memory_mib : 0;
  const unsigned kept = untouched + cache + promised_mib(context) + context.plan().host_mib / 2;
  const unsigned available = context.ports.host.available_memory_mib();
  return available > kept ? available - kept : 0;
}

/// Gives a full folder more memory. Returns why it has no room; empty if it has.
std::string make_room(SessionContext& context, const Growing& growing, bool& changed) {
  const auto& [folder, mib, what] = growing;
  const auto room = context.ports.host.room_of(folder);
  if (room.free_mib >= full_below_mib) return {};
  if (*mib == 0) {
    return fmt::format("{} has no room in {}; it resumes once files there are removed", what, folder);
  }
  // An operator, or a rescued that crashed since, may have changed its size.
  *mib = room.total_mib;
  const unsigned growth = std::min(std::max(*mib / 4, least_growth_mib), spare_memory_mib(context));
  if (growth < least_growth_mib) {
    return fmt::format("{} of {} MiB is full, and the host has no memory to spare; it resumes once "
                       "there is room (mount -o remount,size=... {})",
                       what, *mib, folder);
  }
  context.ports.host.provide_memory_folder(folder, *mib + growth);
  *mib += growth;
  changed = true;
  log::warning("{} was full: it has {} MiB now", what, *mib);
  return {};
}

/// The same for each; what fails is the reason.
std::string room_or_reason(SessionContext& context, bool& changed) {
  const char* what = "its throw-away disk";
  try {
    auto reason = make_room(context, throw_away_disk(context.plan()), changed);
    const auto overlays = overlays_of_disks(context.plan());
    if (!overlays || !reason.empty()) return reason;
    what = overlays->what;
    return make_room(context, *overlays, changed);
  } catch (const Error& error) {
    return fmt::format("{} can't grow: {}", what, error.what());
  }
}

/// Why the overlays of the server's disks are nearly full; empty if they are not.
std::string filling(SessionContext& context) {
  constexpr unsigned parts = 5;  // a fifth is left
  constexpr unsigned little_of_a_disk_mib = 1024;
  const auto overlays = overlays_of_disks(context.plan());
  if (!overlays) return {};
  try {
    const auto room = context.ports.host.room_of(overlays->folder);
    if (room.free_mib >= (*overlays->mib > 0 ? room.total_mib / parts : little_of_a_disk_mib)) return {};
    return fmt::format(
        "what the guest writes to the server's disks has {} MiB of room left in {}: when it is full, the "
        "guest is paused",
        room.free_mib, overlays->folder);
  } catch (const Error& error) {
    log::debug("can't look for room: {}", error.what());
    return {};
  }
}

/// Makes the warning with this code say `text`, or withdraws it if that is empty. Returns whether it has changed.
bool set_warning(domain::SessionRecord& record, WarningCode code, const std::string& text) {
  const auto found = std::find_if(record.warnings.begin(), record.warnings.end(),
                                  [code](const domain::Warning& warning) { return warning.code == code; });
  if (found == record.warnings.end()) {
    if (!text.empty()) record.warn(text, code, log::Level::error);
    return !text.empty();
  }
  if (found->text == text) return false;
  if (text.empty()) {
    record.take_back(code);
  } else {
    found->text = text;
  }
  return true;
}

}  // namespace

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

SystemDiskState look_after_system_disk(SessionContext& context) {
  const auto& guest = context.plan().guest;
  auto& record = context.record;
  SystemDiskState found;
  const auto missing = context.ports.images.keep_available();
  found.paused = context.ports.hypervisor.state(guest.name) == domain::GuestState::paused;
  std::string why = missing.empty() ? missing : fmt::format("parts of its image can't be fetched: {}", missing);
  if (found.paused && why.empty()) why = room_or_reason(context, found.changed);
  found.waits_for = why;
  const bool resume = found.paused && why.empty();
  // A guest that was resumed may be paused again at once: the warning stays until it was seen running.
  if (found.paused) {
    const std::string what = resume ? "its disk did not work, and works again; it was resumed" : why;
    found.changed |= set_warning(record, WarningCode::guest_paused, fmt::format("the guest is paused: {}", what));
  }
  if (!found.paused && record.has_warning(WarningCode::guest_paused)) {
    found.changed |= set_warning(record, WarningCode::guest_paused, {});
    log::info("the guest runs again: its system disk works");
  }
  const bool slow = !found.paused && !missing.empty();
  // Says how much is left when it begins, and not again each time.
  if (const auto text = filling(context); text.empty() || !record.has_warning(WarningCode::changes_fill)) {
    found.changed |= set_warning(record, WarningCode::changes_fill, text);
  }
  found.changed |= set_warning(record, WarningCode::image_unavailable,
                               slow ? fmt::format("the guest may have to wait: {}", why) : std::string{});
  if (resume) context.ports.hypervisor.resume(guest.name);
  return found;
}

std::string obstacle_of_system_disk(SessionContext& context) {
  try {
    return look_after_system_disk(context).waits_for;
  } catch (const Error& error) {
    log::debug("can't check whether the guest is paused: {}", error.what());
    return {};
  }
}

}  // namespace rescue::session
