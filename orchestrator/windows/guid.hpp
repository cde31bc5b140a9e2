// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads GUIDs as GPT and Windows store them.

#include <string>
#include <string_view>

namespace rescue::windows_disk {

/// The GUID at this place, in lower case: its first three fields are little endian. `bytes` must have 16 from there.
[[nodiscard]] std::string guid_of(std::string_view bytes, std::size_t at);

}  // namespace rescue::windows_disk
