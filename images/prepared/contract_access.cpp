// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/text.hpp"
#include "images/prepared/contract_points.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <charconv>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;

/// Fields of a rule ("v2.31|Action=Allow|Active=TRUE|Dir=In|..."), [MS-FASP] 2.2.19: lower case, between bars.
bool has(const std::string& rule, std::string_view field) {
  return rule.find("|" + std::string(field) + "|") != std::string::npos;
}
bool limits(const std::string& rule, std::string_view name) {
  return rule.find("|" + std::string(name) + "=") != std::string::npos;
}

/// True for an active rule that lets a TCP port in from everywhere, on every profile (a rule without any), for any
/// user.
bool lets_in(const std::string& rule, unsigned port) {
  if (!has(rule, "action=allow") || !has(rule, "active=true") || !has(rule, "dir=in")) return false;
  if (!has(rule, "protocol=6") || !has(rule, fmt::format("lport={}", port))) return false;
  for (const char* limit : {"profile", "ra4", "ra6", "la4", "la6", "luauth", "if", "iftype", "security"}) {
    if (limits(rule, limit)) return false;
  }
  return true;
}

bool blocks(const std::string& rule, unsigned port) {
  return has(rule, "action=block") && has(rule, "active=true") && has(rule, "dir=in") &&
         has(rule, fmt::format("lport={}", port));
}

Point firewall_point(const GuestFacts& facts, const char* id, const char* service, unsigned port) {
  Point point{id, fmt::format("the firewall lets {} in, on every profile", service), false,
              fmt::format("no rule lets port {} in on every profile", port),
              fmt::format("netsh advfirewall firewall add rule name=\"Rescue {}\" dir=in action=allow protocol=TCP "
                          "localport={} profile=any",
                          service, port)};
  for (const auto& [name, value] : facts.values(firewall_rules).items()) {
    const auto rule = value.is_string() ? lower_case(value.get<std::string>()) : "";
    if (blocks(rule, port)) {
      point.kept = false;
      point.found = fmt::format("the rule {} blocks port {}", name, port);
      point.remedy = "Remove that rule: netsh advfirewall firewall show rule name=all dir=in";
      return point;
    }
    if (!lets_in(rule, port) || point.kept) continue;
    point.kept = true;
    point.found = "rule " + name;
  }
  return point;
}

/// Value F of an account in the SAM: its flags are 16 bits at offset 0x38, of which the lowest means "disabled".
Point administrator_point(const GuestFacts& facts) {
  constexpr std::size_t digits_of_a_byte = 2;
  constexpr std::size_t offset = 0x38;
  Point point{"administrator-enabled", "the built-in administrator is enabled", false, "no such account",
              "net user Administrator /active:yes"};
  const auto value = facts.text(built_in_administrator, "F");
  if (value.size() < (offset + 1) * digits_of_a_byte) return point;
  unsigned flags = 0;
  const char* const begin = value.data() + offset * digits_of_a_byte;
  if (std::from_chars(begin, begin + digits_of_a_byte, flags, 16).ec != std::errc()) return point;
  point.kept = (flags & 1U) == 0;
  point.found = point.kept ? "enabled" : "disabled";
  return point;
}

}  // namespace

Points access_points(const GuestFacts& facts) {
  return {firewall_point(facts, "firewall-ssh", "SSH", 22),
          firewall_point(facts, "firewall-rdp", "Remote Desktop", 3389), administrator_point(facts)};
}

Point optimiser_point(const GuestFacts& facts) {
  Point point{"optimiser-off", "the scheduled optimiser is off: a retrim destroys what can be undeleted", true,
              "no such task", R"(schtasks /Change /TN "\Microsoft\Windows\Defrag\ScheduledDefrag" /Disable)"};
  const auto contents = facts.windows().value("content", Json::object());
  const auto task = contents.value(optimiser_task, Json());
  if (!task.is_object()) return point;
  const auto encoded = task.find("content");
  const auto bytes =
      encoded != task.end() && encoded->is_string() ? bytes_of_base64(encoded->get<std::string>()) : std::nullopt;
  pugi::xml_document document;
  const bool parsed = bytes && document.load_buffer(bytes->data(), bytes->size());
  const auto enabled = document.child("Task").child("Settings").child("Enabled");
  point.kept = parsed && trimmed(enabled.text().get()) == "false";
  point.found = !parsed ? "the task can't be read" : point.kept ? "disabled" : "enabled";
  return point;
}

}  // namespace rescue::prepared
