// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Windows releases that a rescue image can be made of, and what differs between them.

#include "core/words.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::windows {

enum class Release { server_2016, server_2019, server_2022, server_2025, windows_10, windows_11 };
constexpr auto words_of(Release) { return words<Release>("2016", "2019", "2022", "2025", "10", "11"); }
using rescue::name_of;

enum class Firmware { uefi, bios };
constexpr auto words_of(Firmware) { return words<Firmware>("uefi", "bios"); }

/// OpenSSH server of a release: on its medium, as a Feature on Demand, or only as Win32-OpenSSH's zip.
enum class OpenSshSource { inbox, feature_on_demand, zip };

struct ReleaseFacts {
  std::string_view title;           ///< "Windows Server 2022"
  std::string_view drivers_folder;  ///< "2k22": what virtio-win calls it
  OpenSshSource open_ssh;
  bool client;
};

[[nodiscard]] const ReleaseFacts& facts_of(Release release);

/// Release by the build in the WIM's XML; ProductName can't be used, since it is "Windows 10" on 11. None if the build
/// is no release that is supported.
[[nodiscard]] std::optional<Release> release_of(unsigned build, bool client);

/// "Windows Server 2016 (build 14393), ..." for messages.
[[nodiscard]] std::string supported_releases();

}  // namespace rescue::windows
