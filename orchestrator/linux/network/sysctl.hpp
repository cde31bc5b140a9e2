// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Kernel settings under /proc/sys, by path ("net/ipv4/conf/all/arp_ignore").

#include <optional>
#include <string>

namespace rescue::linux {

/// None when this kernel lacks the setting (for example without IPv6).
[[nodiscard]] std::optional<std::string> read_sysctl(const std::string& path);

/// Writes the value if it differs; skips a setting that the kernel lacks. Throws `network`.
void write_sysctl(const std::string& path, const std::string& value);

}  // namespace rescue::linux
