// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/guest_agent.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/windows/scratch.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <vector>

namespace rescue::windows {
namespace {

constexpr std::size_t largest_msi = 256U << 20U;
constexpr std::size_t longest_version = 64;

std::vector<unsigned> numbers_of(std::string_view version) {
  std::vector<unsigned> numbers;
  while (!version.empty()) {
    unsigned value = 0;
    (void)std::from_chars(version.data(), version.data() + version.size(), value);
    numbers.push_back(value);
    const auto point = version.find('.');
    version = point == std::string_view::npos ? std::string_view() : version.substr(point + 1);
  }
  while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
  return numbers;
}

/// Finds "ProductVersion<TAB>110.2.4" in the table that msiinfo exports.
std::string product_version(std::string_view table) {
  constexpr std::string_view key = "ProductVersion\t";
  const auto begin = table.find(key);
  if (begin == std::string_view::npos) return {};
  const auto rest = table.substr(begin + key.size());
  return printable(rest.substr(0, rest.find_first_of("\r\n")), longest_version);
}

void read_version(const media::Medium& medium, const media::MediumFile& msi, GuestAgent& agent) {
  const ScratchFolder folder;
  const auto path = folder.write("agent.msi", medium.read_all(msi, largest_msi));
  Command command;
  command.argv = {"msiinfo", "export", path, "Property"};
  try {
    const auto result = run(command);
    agent.version = result.status == 0 ? product_version(result.out) : "";
    if (agent.version.empty()) agent.reason = "the MSI has no version that msiinfo can read";
  } catch (const Error&) {
    agent.reason = "msiinfo is not installed (package msitools)";
  }
}

}  // namespace

bool is_older(const std::string& version, const std::string& other) { return numbers_of(version) < numbers_of(other); }

std::optional<GuestAgent> find_guest_agent(const media::Medium& medium) {
  for (const auto* file : medium.below("guest-agent")) {
    const auto path = lower_case(file->path);
    if (!path.ends_with(".msi") || path.find("x86_64") == std::string::npos) continue;
    GuestAgent agent;
    agent.path = file->path;
    read_version(medium, *file, agent);
    agent.too_old = !agent.version.empty() && is_older(agent.version, oldest_good_guest_agent);
    return agent;
  }
  return std::nullopt;
}

}  // namespace rescue::windows
