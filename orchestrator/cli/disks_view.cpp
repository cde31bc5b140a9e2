// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/disks_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void append(std::string& line, const std::string& word) {
  if (word.empty()) return;
  if (!line.empty()) line += ", ";
  line += word;
}

/// "Windows Server 2022 Standard 20348.2527, WEB-01, domain-controller, last shut down 2026-11-30 14:05 UTC"
std::string windows_text(const Json& windows) {
  auto product = text_of(windows, "product");
  if (product.empty()) product = "Windows";
  auto line = product + (text_of(windows, "build").empty() ? "" : " " + text_of(windows, "build"));
  append(line, text_of(windows, "computer_name"));
  if (const auto role = text_of(windows, "role"); role == "domain-controller") append(line, "domain controller");
  constexpr std::size_t to_the_minute = 16;  // of RFC 3339
  if (auto time = text_of(windows, "last_shutdown"); time.size() > to_the_minute) {
    time.replace(10, 1, " ");
    append(line, "last shut down " + time.substr(0, to_the_minute) + " UTC");
  }
  return line;
}

/// Letter that a Windows on any of the disks gives this partition.
std::string letter_of(const Json& disks, const Json& disk_facts, const Json& partition) {
  for (const auto& disk : disks.at("usable")) {
    if (!disk.contains("facts") || disk.at("facts").is_null()) continue;
    for (const auto& windows : disk.at("facts").at("windows")) {
      for (const auto& letter : windows.at("letters")) {
        const auto id = text_of(letter, "partition_id");
        const bool by_id = !id.empty() && id == text_of(partition, "id");
        const bool by_place = id.empty() && text_of(letter, "disk_signature") == text_of(disk_facts, "id") &&
                              letter.at("partition_start") == partition.at("start");
        if (by_id || by_place) return text_of(letter, "letter") + ":";
      }
    }
  }
  return "";
}

std::string content_text(const Json& partition) {
  const auto content = text_of(partition, "content");
  if (content == "unknown") return "-";
  const auto name = text_of(partition, "content_name");
  if (content == "other" && !name.empty()) return name;
  return content == "refs" && !name.empty() ? "ReFS " + name : content;
}

/// "aes-xts-128, decrypting, opened by tpm, recovery-password"
std::string bitlocker_text(const Json& volume) {
  auto line = text_of(volume, "method");
  if (const auto state = text_of(volume, "state"); state != "encrypted" && state != "unknown") append(line, state);
  std::string keys;
  for (const auto& protector : volume.at("protectors")) append(keys, text_of(protector, "kind"));
  if (!keys.empty()) append(line, "opened by " + keys);
  return line;
}

std::string partition_lines(const Json& disks, const Json& facts, const Json& partition) {
  const auto number = partition.at("number").get<unsigned>();
  std::string what = letter_of(disks, facts, partition);
  if (const auto label = text_of(partition, "label"); !label.empty()) append(what, '"' + label + '"');
  if (const auto volume = partition.find("bitlocker"); volume != partition.end() && volume->is_object()) {
    if (const auto name = text_of(*volume, "description"); !name.empty()) append(what, '"' + name + '"');
    append(what, bitlocker_text(*volume));
  }
  for (const auto& windows : facts.at("windows")) {
    if (windows.at("partition").get<unsigned>() == number) append(what, windows_text(windows));
  }
  return fmt::format("  {:<3} {:>10}  {:<14} {}\n", number == 0 ? "-" : std::to_string(number),
                     size_text(partition.at("bytes").get<std::uint64_t>()), content_text(partition), what);
}

std::string finding_lines(const Json& finding) {
  const auto severity = text_of(finding, "severity");
  const auto* const mark = severity == "danger" ? "!!" : severity == "warning" ? "! " : "i ";
  const auto partition = finding.at("partition").get<unsigned>();
  auto lines = fmt::format("  {} {}{}\n", mark, partition == 0 ? "" : fmt::format("partition {}: ", partition),
                           text_of(finding, "text"));
  if (const auto remedy = text_of(finding, "remedy"); !remedy.empty()) lines += fmt::format("     {}\n", remedy);
  return lines;
}

/// "health: good, 3 % worn, 31 C, 21034 hours"; empty if the disk reports none.
std::string health_line(const Json& disk) {
  if (!disk.contains("health") || !disk.at("health").at("passed").is_boolean()) return "";
  const auto& health = disk.at("health");
  std::string line = health.at("passed").get<bool>() ? "good" : "failing";
  const auto add = [&](const char* member, const char* unit) {
    if (health.at(member).is_number()) line += fmt::format(", {}{}", health.at(member).get<std::uint64_t>(), unit);
  };
  add("worn_percent", " % worn");
  add("temperature_celsius", " C");
  add("power_on_hours", " hours");
  return fmt::format("  health: {}\n", line);
}

/// Explains the letters of remedies; empty if there are none.
std::string letters_note(const std::string& lines) {
  if (lines.find("W:") == std::string::npos && lines.find("S:") == std::string::npos) return "";
  return "\nW: is the letter that the customer's volume has in the rescue Windows, S: that of the system partition. C: "
         "and X: are "
         "the\nrescue Windows itself.\n";
}

/// Findings of this disk; an empty path: of no disk alone.
std::string findings_text(const Json& disks, const std::string& path) {
  std::string lines;
  const auto findings = disks.find("findings");
  if (findings == disks.end()) return lines;
  for (const auto& finding : *findings) {
    if (text_of(finding, "disk") == path) lines += finding_lines(finding);
  }
  return lines;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  constexpr double megabyte = 1e6;
  constexpr double gigabyte = 1e9;
  const auto size = static_cast<double>(bytes);
  return size < gigabyte ? fmt::format("{:.1f} MB", size / megabyte) : fmt::format("{:.1f} GB", size / gigabyte);
}

std::string changes_text(const Json& disks) {
  const auto changes = disks.find("changes");
  if (changes == disks.end() || !changes->is_array() || changes->empty()) return "";
  std::string list;
  for (const auto& change : *changes) {
    append(list, fmt::format("{} to {}", size_text(change.at("bytes").get<std::uint64_t>()), text_of(change, "path")));
  }
  return fmt::format("The guest's changes are kept apart: {}.\n", list);
}

std::string disks_text(const Json& disks) {
  std::string lines;
  for (const auto& disk : disks.at("usable")) {
    const auto path = text_of(disk, "path");
    lines +=
        fmt::format("{:<16} {:>12}  {:<6} {:<24} {}\n", path, size_text(disk.at("size_bytes").get<std::uint64_t>()),
                    text_of(disk, "transport"), text_of(disk, "model"), text_of(disk, "serial"));
    lines += health_line(disk);
    if (disk.contains("facts") && !disk.at("facts").is_null()) {
      const auto& facts = disk.at("facts");
      for (const auto& partition : facts.at("partitions")) lines += partition_lines(disks, facts, partition);
    }
    lines += findings_text(disks, path);
  }
  for (const auto& disk : disks.at("excluded")) {
    lines += fmt::format("{:<16} {:>12}  {}: {}\n", text_of(disk, "path"), "left out", text_of(disk, "reason"),
                         text_of(disk, "detail"));
  }
  lines += findings_text(disks, "");
  if (const auto why = text_of(disks, "not_inspected"); !why.empty()) {
    lines += fmt::format("The content of the disks is not shown: {}.\n", why);
  }
  lines += changes_text(disks);
  lines += letters_note(lines);
  return lines;
}

std::string boot_chain_text(const Json& chain) {
  std::string lines;
  for (const auto& check : chain) {
    const auto partition = check.at("partition").get<unsigned>();
    auto place = text_of(check, "disk");
    if (partition != 0) place += fmt::format(", partition {}", partition);
    lines += fmt::format("{:<8} {:<19} {}{}\n", text_of(check, "verdict"), text_of(check, "link"),
                         place.empty() ? "" : place + ": ", text_of(check, "text"));
    if (const auto remedy = text_of(check, "remedy"); !remedy.empty()) lines += fmt::format("{:<28} {}\n", "", remedy);
  }
  lines += letters_note(lines);
  return lines;
}

}  // namespace rescue::cli
