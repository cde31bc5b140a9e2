// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where vendors' Redfish services differ from DSP0266 and from each other, as a table.

#include <array>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct RedfishQuirks {
  std::string_view vendor;                ///< for people
  std::array<std::string_view, 3> marks;  ///< lower case, in what it says of itself: Vendor, Product, Manufacturer, Oem
  bool whole_override = false;            ///< takes Mode, Enabled and Target of a boot override only together
  bool mode_is_fixed = false;             ///< BootSourceOverrideMode belongs to the BIOS's setup: never sent
};

/// Of the vendor whose mark is in `says` (lower case); those of a service by the book when none is.
[[nodiscard]] const RedfishQuirks& quirks_of(std::string_view says) noexcept;

/// Whether a message of the BMC (a MessageId: "iLO.2.14.UnableToModifyDuringSystemPOST") means "not now".
[[nodiscard]] bool is_transient_message(std::string_view id) noexcept;
/// The same of its text, in lower case: "iDRAC is not ready. Please retry after a few minutes."
[[nodiscard]] bool is_transient_text(std::string_view text) noexcept;

}  // namespace rescue::netboot
