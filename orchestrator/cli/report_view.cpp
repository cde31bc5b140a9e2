// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/report_view.hpp"

#include "contract/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

std::string report_row(std::string_view name, const std::string& value) {
  return value.empty() ? std::string{} : fmt::format("{:<11}{}\n", name, value);
}

std::string report_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string failure_line(const Json& failure) {
  const auto step = report_member(failure, "step");
  return (step.empty() ? "" : step + ": ") + report_member(failure, "message");
}

std::string change_line(const Json& change, const std::string& disk) {
  const auto partition = change.at("partition").get<unsigned>();
  const auto place = partition != 0 ? fmt::format("partition {}", partition) : disk.empty() ? "" : "disk";
  return fmt::format("  {:<14} {}\n", place, report_member(change, "text"));
}

/// The changes, those of a disk together.
std::string changes_lines(const Json& changes) {
  std::string lines;
  std::string shown;
  bool first = true;
  for (const auto& change : changes) {
    const auto disk = report_member(change, "disk");
    if (first || disk != shown) lines += (disk.empty() ? "firmware" : disk) + "\n";
    first = false;
    shown = disk;
    lines += change_line(change, disk);
  }
  return lines;
}

std::string changes_text(const Json& status) {
  const auto& report = status.at("report");
  if (report.is_null()) {
    const auto phase = parse_word<contract::Phase>(report_member(status, "phase"));
    if (phase && is_active(*phase)) return report_row("changed", "known when the session has ended");
    return report_row("changed", status.at("guest_ran").get<bool>()
                                     ? "known when the disks are released: rescuectl finish"
                                     : "nothing: no guest has run");
  }
  const auto& changes = report.at("changes");
  const auto& unknown = report.at("unknown");
  std::string lines;
  if (!changes.empty()) {
    lines += "changed since the guest started\n" + changes_lines(changes);
  } else if (unknown.empty()) {
    lines += report_row("changed", "nothing of what was compared: partition tables, boot sectors, boot configuration,");
    lines += report_row("", "files that matter for start and access");
  }
  if (const auto left_out = report.at("left_out").get<std::uint64_t>(); left_out > 0) {
    lines += fmt::format("  and {} more\n", left_out);
  }
  for (const auto& text : unknown) lines += report_row("not known", text.get<std::string>());
  return lines;
}

}  // namespace

Json session_report(const Json& status) {
  std::string guest;
  bool guest_ran = false;
  for (const auto& step : status.at("steps")) {
    if (report_member(step, "name") == name_of(contract::StepName::start_guest)) guest_ran = true;
    if (report_member(step, "name") == name_of(contract::StepName::stop_guest)) guest = report_member(step, "detail");
  }
  return {{"session", status.at("id")},
          {"server", status.at("server")},
          {"phase", status.at("phase")},
          {"started", status.at("started")},
          {"ended", status.at("ended")},
          {"guest", guest},
          {"guest_ran", guest_ran},
          {"failure", status.at("failure")},
          {"not_undone", status.at("rollback_failures")},
          {"warnings", status.at("warnings")},
          {"report", status.value("report", Json())}};
}

std::string session_report_text(const Json& report) {
  auto lines = report_row("server", report_member(report, "server"));
  lines += report_row("session", report_member(report, "session"));
  lines += report_row("phase", report_member(report, "phase"));
  lines += report_row("started", report_member(report.at("started"), "at"));
  if (!report.at("ended").is_null()) lines += report_row("ended", report_member(report.at("ended"), "at"));
  if (const auto guest = report_member(report, "guest"); !guest.empty()) {
    lines += report_row("guest", "stopped by " + guest);
  }
  if (!report.at("failure").is_null()) lines += report_row("failed", failure_line(report.at("failure")));
  for (const auto& failure : report.at("not_undone")) lines += report_row("not undone", failure_line(failure));
  for (const auto& warning : report.at("warnings")) lines += report_row("warning", warning.get<std::string>());
  return lines + changes_text(report);
}

}  // namespace rescue::cli
