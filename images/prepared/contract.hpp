// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The contract of a Windows rescue image, as far as it can be checked without starting it.

#include "images/prepared/guest_facts.hpp"
#include "images/windows/release.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::prepared {

/// One point of the contract.
struct Point {
  std::string id;     ///< stable: "guest-agent-starts"
  std::string title;  ///< "QEMU's guest agent starts by itself"
  bool kept = false;
  std::string found;   ///< "Services\QEMU-GA\Start is 3"
  std::string remedy;  ///< command or action in the image, when the point is not kept
};
using Points = std::vector<Point>;

struct Verdict {
  Points points;
  std::optional<windows::Release> release;  ///< none: no Windows that is supported
  unsigned build = 0;                       ///< of the Windows, if there is one
  std::string edition;                      ///< "Windows Server 2022 Standard, build 20348"
  windows::Firmware firmware = windows::Firmware::uefi;

  [[nodiscard]] bool kept() const;
};

/// JSON for the stdin of rescue-ntfs-read.
[[nodiscard]] nlohmann::ordered_json contract_query();

/// Checks every point; a disk without Windows has the points of the disk only. `allow_client`: Windows 10 and 11.
[[nodiscard]] Verdict check_contract(const GuestFacts& facts, bool allow_client);

[[nodiscard]] nlohmann::ordered_json json_of(const Verdict& verdict);
/// One line for each point; with remedies below those that are not kept.
[[nodiscard]] std::string text_of(const Verdict& verdict);

}  // namespace rescue::prepared
