// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/contract.hpp"

#include "core/text.hpp"
#include "images/prepared/contract_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::prepared {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Sets release and edition, and returns the point for them.
Point release_point(const GuestFacts& facts, bool allow_client, Verdict& verdict) {
  const auto build_text = facts.text(version_of_windows, "CurrentBuildNumber");
  unsigned build = 0;
  (void)std::from_chars(build_text.data(), build_text.data() + build_text.size(), build);
  const bool client = lower_case(facts.text(version_of_windows, "InstallationType")) == "client";
  const auto release = windows::release_of(build, client);
  verdict.build = build;
  verdict.edition = fmt::format("{} ({}), build {}", release ? windows::facts_of(*release).title : "Windows",
                                facts.text(version_of_windows, "EditionID"), build_text);
  Point point{"supported-release", "Windows is a supported release", false, verdict.edition, ""};
  if (client && !allow_client) {
    point.remedy = "Add --client, if your licence covers a rescue with a client Windows; or use Windows Server.";
    return point;
  }
  verdict.release = release;
  point.kept = release.has_value();
  point.remedy = "Use " + windows::supported_releases() + ".";
  return point;
}

void append(Points& all, Points more) { std::move(more.begin(), more.end(), std::back_inserter(all)); }

}  // namespace

bool Verdict::kept() const {
  return std::all_of(points.begin(), points.end(), [](const Point& point) { return point.kept; });
}

OrderedJson contract_query() {
  auto keys = registry_keys();
  keys.insert(keys.end(), {firewall_rules, built_in_administrator, rdp_listener, version_of_windows});
  OrderedJson query;
  for (const auto& key : keys) query["registry"].push_back({std::string(key.hive), std::string(key.path)});
  for (const char* driver : {"vioscsi", "viostor"}) {
    query["drivers"].push_back(driver);
    query["files"].push_back(fmt::format("System32/drivers/{}.sys", driver));
  }
  query["content"].push_back(optimiser_task);
  return query;
}

Verdict check_contract(const GuestFacts& facts, bool allow_client) {
  Verdict verdict;
  verdict.points = disk_points(facts);
  verdict.firmware = facts.table() == "mbr" ? windows::Firmware::bios : windows::Firmware::uefi;
  if (facts.windows().empty()) return verdict;
  append(verdict.points, volume_points(facts));
  verdict.points.push_back(release_point(facts, allow_client, verdict));
  append(verdict.points, driver_points(facts));
  append(verdict.points, registry_points(facts));
  append(verdict.points, access_points(facts));
  verdict.points.push_back(optimiser_point(facts));
  return verdict;
}

OrderedJson json_of(const Verdict& verdict) {
  auto points = OrderedJson::array();
  for (const auto& point : verdict.points) {
    points.push_back({{"id", point.id}, {"title", point.title}, {"kept", point.kept}, {"found", point.found}});
    if (!point.kept) points.back()["remedy"] = point.remedy;
  }
  return {{"kept", verdict.kept()},
          {"windows", verdict.edition},
          {"release", verdict.release ? OrderedJson(name_of(*verdict.release)) : OrderedJson()},
          {"firmware", name_of(verdict.firmware)},
          {"points", std::move(points)}};
}

std::string text_of(const Verdict& verdict) {
  std::string text;
  for (const auto& point : verdict.points) {
    text += fmt::format("{}  {} ({})\n", point.kept ? "ok     " : "MISSING", point.title, point.found);
    if (!point.kept) text += fmt::format("         {}\n", point.remedy);
  }
  return text;
}

}  // namespace rescue::prepared
