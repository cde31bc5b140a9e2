// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Placeholders of boards without a UUID or serial number of their own. Servers with the same one can't be told apart:
// each would boot what another one boots.

#include "netboot/domain/uuid_number.hpp"

#include <string_view>

namespace rescue::netboot {

/// True for repeated digits or pieces, for digits and bytes that count up or down, in the byte order of SMBIOS or the
/// other, and for known placeholders of makers.
[[nodiscard]] bool is_placeholder_uuid(const UuidNumber& uuid);

/// True for "None", "To be filled by O.E.M.", "Default string" and similar texts, in any case and punctuation; for one
/// repeated character; for digits or letters that count up or down from the first.
[[nodiscard]] bool is_placeholder_serial(std::string_view serial);

}  // namespace rescue::netboot
