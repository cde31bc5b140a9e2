// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/release.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::windows {
namespace {

constexpr std::array<ReleaseFacts, 6> all_facts{{
    {"Windows Server 2016", "2k16", OpenSshSource::zip, false},
    {"Windows Server 2019", "2k19", OpenSshSource::feature_on_demand, false},
    {"Windows Server 2022", "2k22", OpenSshSource::feature_on_demand, false},
    {"Windows Server 2025", "2k25", OpenSshSource::inbox, false},
    {"Windows 10", "w10", OpenSshSource::feature_on_demand, true},
    {"Windows 11", "w11", OpenSshSource::feature_on_demand, true},
}};

struct ServerBuild {
  unsigned build;
  Release release;
};
constexpr std::array<ServerBuild, 4> server_builds{{{14393, Release::server_2016},
                                                    {17763, Release::server_2019},
                                                    {20348, Release::server_2022},
                                                    {26100, Release::server_2025}}};

constexpr unsigned first_windows_10 = 17763;  ///< version 1809: older ones have no OpenSSH and are out of service
constexpr unsigned first_windows_11 = 22000;

}  // namespace

const ReleaseFacts& facts_of(Release release) { return all_facts.at(static_cast<std::size_t>(release)); }

std::optional<Release> release_of(unsigned build, bool client) {
  if (client) {
    if (build >= first_windows_11) return Release::windows_11;
    return build >= first_windows_10 ? std::optional(Release::windows_10) : std::nullopt;
  }
  for (const auto& known : server_builds) {
    if (known.build == build) return known.release;
  }
  return std::nullopt;
}

std::string supported_releases() {
  std::string text;
  for (const auto& known : server_builds) {
    text += fmt::format("{} (build {}), ", facts_of(known.release).title, known.build);
  }
  return text + fmt::format("with --client also Windows 10 (from build {}) and 11", first_windows_10);
}

}  // namespace rescue::windows
