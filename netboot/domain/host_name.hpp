// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names of hosts that are not ours: a BMC's in the DNS, as it is told here.

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

/// RFC 1123, 2.1: labels of 1 to 63 letters, digits and inner hyphens, 253 characters in all; in lower case, and
/// without the dot that may end it. None for anything else, and for what a resolver could take for a number: the last
/// label is neither all digits nor 0x and hex digits.
[[nodiscard]] std::optional<std::string> canonical_host_name(std::string_view text);

}  // namespace rescue::netboot
