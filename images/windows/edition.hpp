// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Editions of Windows on a medium, and the choice of one.

#include "images/windows/release.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::windows {

struct Edition {
  unsigned index = 0;             ///< number of the image in the WIM, from 1
  std::string name;               ///< "Windows Server 2022 SERVERSTANDARD"
  std::string display_name;       ///< "Windows Server 2022 Standard (Desktop Experience)"; may be empty
  std::string edition_id;         ///< "ServerStandard"; a core installation has the same
  std::string flags;              ///< "ServerStandardCore"
  std::string installation_type;  ///< "Server", "Server Core" or "Client"
  std::string architecture;       ///< "amd64", "x86", "arm64"
  unsigned build = 0;
  unsigned revision = 0;
  std::vector<std::string> languages;
  std::string default_language;
  std::uint64_t size_bytes = 0;

  [[nodiscard]] const std::string& title() const { return display_name.empty() ? name : display_name; }
  [[nodiscard]] bool is_client() const { return installation_type == "Client"; }
  [[nodiscard]] bool is_core() const { return installation_type == "Server Core"; }
};

/// Parses what rescue-wim prints. `source`: name for errors. Throws `precondition` if it can't be read.
[[nodiscard]] std::vector<Edition> editions_of(const std::string& source, const std::string& json);

/// Chooses by index, name, display name, flags or edition id, without regard to case. Throws `precondition` if no
/// edition or more than one is meant; the error lists them all.
[[nodiscard]] const Edition& choose_edition(const std::vector<Edition>& editions, const std::string& wanted);

/// Release of an edition that this builder supports. Throws `precondition` for another architecture than amd64, a
/// client without `allow_client`, and a build that is no supported release.
[[nodiscard]] Release supported_release(const Edition& edition, bool allow_client);

[[nodiscard]] nlohmann::ordered_json json_of(const Edition& edition);

/// "  1  Windows Server 2022 Standard (ServerStandardCore)", one line each.
[[nodiscard]] std::string edition_lines(const std::vector<Edition>& editions);

}  // namespace rescue::windows
