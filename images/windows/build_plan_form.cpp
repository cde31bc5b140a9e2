// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/build_plan.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::windows {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<Shortcoming>& shortcomings) {
  auto all = Json::array();
  for (const auto& each : shortcomings) all.push_back({{"what", each.what}, {"remedy", each.remedy}});
  return all;
}

Json json_of(const AnswerSettings& answers) {
  return {{"language", answers.ui_language},
          {"locale", answers.locale},
          {"keyboards", answers.keyboards},
          {"time_zone", answers.time_zone},
          {"computer_name", answers.computer_name}};
}

Json agent_json(const BuildPlan& plan) {
  if (!plan.agent) return nullptr;
  const auto& version = plan.agent->version;
  return {{"path", plan.agent->path},
          {"version", version.empty() ? Json() : Json(version)},
          {"too_old", plan.agent->too_old}};
}

Json open_ssh_json(const BuildPlan& plan) {
  if (!plan.open_ssh) return nullptr;
  return {{"source", plan.open_ssh->source}, {"medium", plan.open_ssh->medium}, {"path", plan.open_ssh->path}};
}

Json drivers_json(const BuildPlan& plan) {
  auto all = Json::array();
  for (const auto& driver : plan.drivers.drivers) all.push_back(windows::json_of(driver));
  return all;
}

std::string driver_lines(const BuildPlan& plan) {
  std::string lines;
  for (const auto& driver : plan.drivers.drivers) {
    lines += fmt::format("driver    {:<10} {:<18} {}  {:<12} {}\n", driver.name, driver.version.text,
                         driver.version.date, name_of(driver.signature), driver.purpose);
  }
  return lines;
}

std::string open_ssh_line(const BuildPlan& plan) {
  if (!plan.open_ssh) return "";
  if (plan.open_ssh->medium.empty()) return "openssh   from the Windows medium\n";
  return fmt::format("openssh   {} of {}\n", plan.open_ssh->path, plan.open_ssh->medium);
}

std::string shortcoming_lines(const char* label, const std::vector<Shortcoming>& shortcomings) {
  std::string lines;
  for (const auto& each : shortcomings)
    lines += fmt::format("{:<9} {}\n            {}\n", label, each.what, each.remedy);
  return lines;
}

}  // namespace

Json json_of(const BuildPlan& plan) {
  return {{"iso", plan.iso},
          {"iso_form", plan.iso_form},
          {"virtio", plan.virtio},
          {"install_image", plan.image.path},
          {"install_image_parts", plan.image.parts},
          {"release", name_of(plan.answers.release)},
          {"edition", json_of(plan.edition)},
          {"firmware", name_of(plan.answers.firmware)},
          {"boots_without_prompt", plan.boots_without_prompt},
          {"answers", json_of(plan.answers)},
          {"drivers", drivers_json(plan)},
          {"guest_agent", agent_json(plan)},
          {"openssh", open_ssh_json(plan)},
          {"missing", json_of(plan.missing)},
          {"warnings", json_of(plan.warnings)}};
}

std::string text_of(const BuildPlan& plan) {
  const auto& answers = plan.answers;
  std::string text = fmt::format("windows   {} build {}.{}, {}\n", facts_of(answers.release).title, plan.edition.build,
                                 plan.edition.revision, plan.edition.architecture);
  text += fmt::format("edition   {} {} ({})\n", plan.edition.index, plan.edition.title(), plan.edition.edition_id);
  text += fmt::format("medium    {} of {} ({})\n", plan.image.path, plan.iso, plan.iso_form);
  text += fmt::format("languages {}; installed {}\n", fmt::join(plan.edition.languages, ", "), answers.ui_language);
  text += fmt::format("keyboards {}\n", fmt::join(answers.keyboards, ", "));
  text += fmt::format("answers   firmware {}, formats {}, time zone {}, computer {}\n", name_of(answers.firmware),
                      answers.locale, answers.time_zone, answers.computer_name);
  text += driver_lines(plan);
  if (plan.agent) {
    text += fmt::format("agent     {} {}\n", plan.agent->version.empty() ? "unknown version" : plan.agent->version,
                        plan.agent->path);
  }
  text += open_ssh_line(plan);
  text += shortcoming_lines("warning", plan.warnings);
  text += shortcoming_lines("missing", plan.missing);
  return text;
}

}  // namespace rescue::windows
