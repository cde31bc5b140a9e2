// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/system_disk.hpp"

#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::session {
namespace {

using domain::WarningCode;

/// Below this the throw-away disk counts as full: QEMU writes clusters of 64 KiB, and metadata beside them.
constexpr unsigned full_below_mib = 16;
constexpr unsigned least_growth_mib = 256;

/// MiB of memory that neither the host's reserve nor the guest nor the image will need: what is available now, without
/// the part of the guest's memory that it has not touched yet, and without half of the host's reserve.
unsigned spare_memory_mib(SessionContext& context) {
  const auto& guest = context.plan().guest;
  const unsigned resident = context.ports.hypervisor.resident_memory_mib(guest.name);
  const unsigned untouched = guest.memory_mib > resident ? guest.memory_mib - resident : 0;
  // A streamed image's cache may still fill.
  const auto& image = context.plan().image;
  const unsigned cache = image.system_disk.starts_with("nbd") ? image.memory_mib : 0;
  const unsigned kept = untouched + cache + context.plan().host_mib / 2;
  const unsigned available = context.ports.host.available_memory_mib();
  return available > kept ? available - kept : 0;
}

/// Gives a full throw-away disk more memory. Returns why it has no room; empty if it has.
std::string make_room(SessionContext& context, bool& changed) {
  auto& plan = context.plan();
  const auto folder = folder_of(plan.guest.system_disk);
  const auto room = context.ports.host.room_of(folder);
  if (room.free_mib >= full_below_mib) return {};
  if (plan.overlay_mib == 0) {
    return fmt::format("its throw-away disk has no room in {}; it resumes once files there are removed", folder);
  }
  // An operator, or a rescued that crashed since, may have changed its size.
  plan.overlay_mib = room.total_mib;
  const unsigned growth = std::min(std::max(plan.overlay_mib / 4, least_growth_mib), spare_memory_mib(context));
  if (growth < least_growth_mib) {
    return fmt::format("its throw-away disk of {} MiB is full, and the host has no memory to spare; it resumes once "
                       "there is room (mount -o remount,size=... {})",
                       plan.overlay_mib, folder);
  }
  context.ports.host.provide_memory_folder(folder, plan.overlay_mib + growth);
  plan.overlay_mib += growth;
  changed = true;
  log::warning("the guest's throw-away disk was full: it has {} MiB now", plan.overlay_mib);
  return {};
}

/// The same; what fails is the reason.
std::string room_or_reason(SessionContext& context, bool& changed) {
  try {
    return make_room(context, changed);
  } catch (const Error& error) {
    return fmt::format("its throw-away disk can't grow: {}", error.what());
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
    const std::string what = resume ? "its system disk did not work, and works again; it was resumed" : why;
    found.changed |= set_warning(record, WarningCode::guest_paused, fmt::format("the guest is paused: {}", what));
  }
  if (!found.paused && record.has_warning(WarningCode::guest_paused)) {
    found.changed |= set_warning(record, WarningCode::guest_paused, {});
    log::info("the guest runs again: its system disk works");
  }
  const bool slow = !found.paused && !missing.empty();
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
