// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/report_view.hpp"
#include "orchestrator/control/status_form.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::cli {
namespace {

using domain::ChangeCode;
using domain::Phase;

domain::SessionRecord finished_session() {
  domain::SessionRecord record;
  record.id = "web-01-1";
  record.server = "web-01";
  record.phase = Phase::finished;
  record.ended = WallTime(std::chrono::seconds(60));
  record.steps = {{"stop-guest", domain::StepState::done, {}, WallTime{}, "agent"}};
  record.warnings = {{domain::WarningCode::general, "disks: /dev/sdb could not be flushed"}};
  record.report = domain::SessionReport{};
  record.report->add({ChangeCode::boot_entry_changed, "/dev/sda", 1, "boot configuration: entry 'W': path changed"});
  record.report->add({ChangeCode::table_bytes, "/dev/sda", 0, "the boot code in the first sector was changed"});
  record.report->add({ChangeCode::firmware, "", 0, "the firmware's BootNext was added: 0001"});
  record.report->add_unknown("/dev/sdb: could not be recorded after the session: it took longer than 15 s");
  return record;
}

std::string text_of(const domain::SessionRecord& record) {
  return session_report_text(session_report(control::status_form(record)));
}

TEST(SessionReportText, SaysInWordsWhatChanged) {
  EXPECT_EQ(text_of(finished_session()),
            "server     web-01\n"
            "session    web-01-1\n"
            "phase      finished\n"
            "started    1970-01-01T00:00:00.000Z\n"
            "ended      1970-01-01T00:01:00.000Z\n"
            "guest      stopped by agent\n"
            "warning    disks: /dev/sdb could not be flushed\n"
            "changed since the guest started\n"
            "/dev/sda\n"
            "  partition 1    boot configuration: entry 'W': path changed\n"
            "  disk           the boot code in the first sector was changed\n"
            "firmware\n"
            "                 the firmware's BootNext was added: 0001\n"
            "not known  /dev/sdb: could not be recorded after the session: it took longer than 15 s\n");
}

TEST(SessionReportText, SaysWhenNothingChangedOrIsKnown) {
  auto record = finished_session();
  record.report = domain::SessionReport{};
  EXPECT_NE(text_of(record).find("changed    nothing of what was compared"), std::string::npos);
  record.report->add_unknown("x");
  EXPECT_EQ(text_of(record).find("nothing"), std::string::npos) << "that is not known";
  record.report.reset();
  EXPECT_NE(text_of(record).find("changed    nothing: no guest has run\n"), std::string::npos);
  record.phase = Phase::serving;
  EXPECT_NE(text_of(record).find("changed    known when the session has ended\n"), std::string::npos);
  record.phase = Phase::failed;
  record.steps.push_back({"start-guest", domain::StepState::done, {}, WallTime{}, ""});
  EXPECT_NE(text_of(record).find("changed    known when the disks are released"), std::string::npos);
  record.failure = domain::Failure{"start-guest", ErrorCode::hypervisor, "no", "hint"};
  EXPECT_NE(text_of(record).find("failed     start-guest: no\n"), std::string::npos);
}

TEST(SessionReport, HasStableCodes) {
  const auto report = session_report(control::status_form(finished_session()));
  EXPECT_EQ(report.at("report").at("changes").at(0),
            (nlohmann::json{{"code", "boot-entry-changed"},
                            {"disk", "/dev/sda"},
                            {"partition", 1},
                            {"text", "boot configuration: entry 'W': path changed"}}));
  EXPECT_EQ(report.at("report").at("left_out"), 0);
}

}  // namespace
}  // namespace rescue::cli
