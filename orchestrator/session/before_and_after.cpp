// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/before_and_after.hpp"

#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

using domain::SessionReport;

/// Disks that the guest had, also disks that have died since.
std::vector<domain::Disk> disks_of_guest(SessionContext& context) {
  auto disks = domain::hardware_of(context.plan().guest.disks);
  for (const auto& given : context.plan().withdrawn_disks) disks.push_back(given.disk);
  return disks;
}

/// None, with a reason in the report, if there is no snapshot.
std::optional<domain::ServerSnapshot> snapshot_before(SessionContext& context, SessionReport& report) {
  constexpr const char* missing = "the disks were not recorded before the session, so nobody knows what was changed";
  try {
    auto before = context.ports.snapshots.load(context.record.id);
    if (!before) report.add_unknown(missing);
    return before;
  } catch (const std::exception& error) {
    report.add_unknown(fmt::format("{}: {}", missing, report_of(error).one_line()));
    return std::nullopt;
  }
}

void note_other_boot(SessionContext& context, SessionReport& report) {
  const auto& boot = context.record.boot_id;
  if (boot.empty() || boot == context.ports.host.boot_id()) return;
  report.add_unknown("the host was restarted during the session: others may have made some of the changes");
}

std::string summary_of(const SessionReport& report) {
  const auto count = report.changes.size() + report.left_out;
  if (count > 0) return fmt::format("{} change{} found", count, count == 1 ? "" : "s");
  return report.unknown.empty() ? "no change found" : "changes not known";
}

}  // namespace

void record_before(SessionContext& context) {
  context.record.report.reset();
  try {
    domain::ServerSnapshot snapshot{context.record.id, context.ports.recorder.record(disks_of_guest(context)),
                                    context.ports.firmware.record()};
    for (const auto& disk : snapshot.disks) {
      if (disk.problem.empty()) continue;
      context.record.warn(fmt::format("{} could not be recorded, so the report won't say what is changed on it: {}",
                                      disk.path, disk.problem));
    }
    context.ports.snapshots.save(snapshot);
  } catch (const std::exception& error) {
    context.record.warn(fmt::format("the disks could not be recorded, so the report won't say what is changed: {}",
                                    report_of(error).one_line()));
  }
}

std::string report_disks(SessionContext& context) {
  if (!context.record.plan || context.record.find(domain::StepName::start_guest) == nullptr) return {};
  SessionReport report;
  try {
    note_other_boot(context, report);
    if (const auto before = snapshot_before(context, report)) {
      domain::compare(before->disks, context.ports.recorder.record(disks_of_guest(context)), report);
    }
  } catch (const std::exception& error) {
    report.add_unknown("the disks could not be compared: " + report_of(error).one_line());
  }
  context.record.report = std::move(report);
  return summary_of(*context.record.report);
}

void report_firmware(SessionContext& context) {
  auto& report = context.record.report;
  if (!report) return;
  std::erase_if(report->changes,
                [](const domain::Change& change) { return change.code == domain::ChangeCode::firmware; });
  try {
    SessionReport ignored;  // a missing snapshot is in the report already
    if (const auto before = snapshot_before(context, ignored)) {
      domain::compare(before->firmware, context.ports.firmware.record(), *report);
    }
  } catch (const std::exception& error) {
    report->add_unknown("the firmware could not be compared: " + report_of(error).one_line());
  }
}

}  // namespace rescue::session
