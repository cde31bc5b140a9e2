// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/disk_health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> finding_codes(const DiskHealth& health) {
  std::vector<std::string> codes;
  for (const auto& finding : findings_of_health({health})) codes.push_back(finding.code);
  return codes;
}

DiskHealth ata(bool passed, int reallocated, std::uint64_t pending) {
  const nlohmann::json json{
      {"smart_status", {{"passed", passed}}},
      {"temperature", {{"current", 31}}},
      {"power_on_time", {{"hours", 21'034}}},
      {"ata_smart_attributes",
       {{"table", {{{"id", 5}, {"raw", {{"value", reallocated}}}}, {{"id", 197}, {"raw", {{"value", pending}}}}}}}}};
  return disk_health_from("/dev/sda", json.dump());
}

TEST(DiskHealth, OfAGoodAtaDiskHasNoFindings) {
  const auto health = ata(true, 0, 0);
  EXPECT_EQ(health.passed, true);
  EXPECT_EQ(health.temperature_celsius, 31U);
  EXPECT_EQ(health.power_on_hours, 21'034U);
  EXPECT_EQ(health.problem, "");
  EXPECT_THAT(finding_codes(health), IsEmpty());
}

TEST(DiskHealth, NamesADiskThatFails) {
  const auto findings = findings_of_health({ata(false, 412, 7)});
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].code, "disk-failing");
  EXPECT_EQ(findings[0].severity, Severity::danger);
  EXPECT_THAT(findings[0].remedy, HasSubstr("Copy the files"));
  EXPECT_EQ(findings[1].code, "unreadable-sectors");
  EXPECT_THAT(findings[1].text, HasSubstr("7 sectors"));
  EXPECT_EQ(findings[2].code, "reallocated-sectors");
  EXPECT_EQ(findings[2].severity, Severity::warning);
}

TEST(DiskHealth, CountsTheLowerBytesOfAnAttribute) {
  EXPECT_EQ(ata(true, 0, (std::uint64_t{3} << 32U) + 2).pending_sectors, 2U) << "some makers keep more in the others";
}

TEST(DiskHealth, ReadsTheLogOfNvme) {
  const auto health = disk_health_from("/dev/nvme0n1", R"({"smart_status": {"passed": false},
      "nvme_smart_health_information_log": {"critical_warning": 9, "percentage_used": 103, "media_errors": 2}})");
  EXPECT_EQ(health.worn_percent, 103U);
  EXPECT_EQ(health.media_errors, 2U);
  const auto findings = findings_of_health({health});
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_THAT(findings[0].text, HasSubstr("spare blocks are nearly used up, it has become read-only"));
  EXPECT_THAT(findings[1].text, HasSubstr("lost data 2 times"));
  EXPECT_EQ(findings[2].severity, Severity::warning);
}

TEST(DiskHealth, IsUnknownWhereTheDiskSaysNothing) {
  const auto virtual_disk = disk_health_from(
      "/dev/vda", R"({"smartctl": {"messages": [{"string": "/dev/vda: Unable to detect device type"}]}})");
  EXPECT_EQ(virtual_disk.problem, "/dev/vda: Unable to detect device type");
  EXPECT_THAT(finding_codes(virtual_disk), IsEmpty());
  for (const auto* const text : {"", "no JSON", "[]", "7", R"({"smart_status": 1, "temperature": {"current": -3}})",
                                 R"({"ata_smart_attributes": {"table": [7, {"id": "5"}, {"id": 5, "raw": 1}]}})"}) {
    EXPECT_NE(disk_health_from("/dev/sda", text).problem, "") << text;
  }
}

TEST(DiskHealth, KeepsNumbersThatAreNotKnownNull) {
  const auto json = to_json(ata(true, 0, 0));
  EXPECT_EQ(json.at("passed"), true);
  EXPECT_TRUE(json.at("media_errors").is_null());
}

}  // namespace
}  // namespace rescue::domain
