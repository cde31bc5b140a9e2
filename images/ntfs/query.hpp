// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers questions about the Windows in a disk image: registry keys, files, drivers, and the state of its volume.

#include "images/ntfs/nbd_disk.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rescue::ntfs {

struct RegistryKey {
  std::string hive;  ///< "SYSTEM": file in System32/config
  std::string key;   ///< "CurrentControlSet\Services\sshd"
};

struct Query {
  std::vector<RegistryKey> registry;
  std::vector<std::string> files;    ///< below the Windows folder, with '/': is it there
  std::vector<std::string> content;  ///< the same; files of at most 256 KiB, returned in base64
  std::vector<std::string> drivers;  ///< "vioscsi": its INF files in the DriverStore
};

/// Parses the query's JSON. Throws `usage` that names the field.
[[nodiscard]] Query parse_query(const std::string& text);

/// Partitions of the disk, and each Windows on it with what was asked about it.
[[nodiscard]] nlohmann::ordered_json answer(const NbdDisk& disk, const Query& query);

}  // namespace rescue::ntfs
