// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Kernel settings under /proc/sys, by path ("net/ipv4/conf/all/arp_ignore").

#include <optional>
#include <string>

namespace rescue::linux {

/// None when this kernel has no such setting (IPv6 switched off, say).
[[nodiscard]] std::optional<std::string> read_sysctl(const std::string& path);

/// Writes it where it differs; a setting that the kernel does not have is left out. Throws `network`.
void write_sysctl(const std::string& path, const std::string& value);

}  // namespace rescue::linux
