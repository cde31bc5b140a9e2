// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names of foreign hosts: a BMC's in the DNS, as entered here.

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

/// Returns a name by RFC 1123, 2.1: labels of 1 to 63 letters, digits and inner hyphens, 253 characters in all; in
/// lower case, without the final dot. None for anything else, and for a name that a resolver could read as a number:
/// the last label is all digits, or 0x and hex digits.
[[nodiscard]] std::optional<std::string> canonical_host_name(std::string_view text);

}  // namespace rescue::netboot
