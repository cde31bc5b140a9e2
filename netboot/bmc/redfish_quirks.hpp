// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Differences of vendors' Redfish services from DSP0266 and from each other, as a table.

#include <array>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct RedfishQuirks {
  std::string_view vendor;                ///< for people
  std::array<std::string_view, 3> marks;  ///< lower case, in the service's Vendor, Product, Manufacturer or Oem
  bool whole_override = false;            ///< accepts Mode, Enabled and Target of a boot override only together
  bool mode_is_fixed = false;             ///< BootSourceOverrideMode belongs to the BIOS's setup: never sent
};

/// The quirks of the vendor whose mark is in `says` (lower case); those of a standard service without a match.
[[nodiscard]] const RedfishQuirks& quirks_of(std::string_view says) noexcept;

/// True if a message of the BMC (a MessageId: "iLO.2.14.UnableToModifyDuringSystemPOST") means "not now".
[[nodiscard]] bool is_transient_message(std::string_view id) noexcept;
/// Like `is_transient_message`, for the text in lower case: "iDRAC is not ready. Please retry after a few minutes."
[[nodiscard]] bool is_transient_text(std::string_view text) noexcept;

}  // namespace rescue::netboot
