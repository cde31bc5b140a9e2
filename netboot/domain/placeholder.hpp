// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What boards say that have no UUID or serial number of their own. Two servers with it can't be told apart: whoever has
// it would boot what one of them boots.

#include "netboot/domain/uuid_number.hpp"

#include <string_view>

namespace rescue::netboot {

/// All digits alike, one piece again and again, or digits and bytes that count up or down, in the byte order of SMBIOS
/// or the other; and what makers are known to leave in.
[[nodiscard]] bool is_placeholder_uuid(const UuidNumber& uuid);

/// "None", "To be filled by O.E.M.", "Default string" and their like, in any case and however they are punctuated;
/// one character again and again; digits or letters that count up or down from the first.
[[nodiscard]] bool is_placeholder_serial(std::string_view serial);

}  // namespace rescue::netboot
