// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes registry hives for tests: an empty hive by its format, keys and values by hivex.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rescue::tests {

struct Binary {
  std::string bytes;
};

struct RegistryValue {
  std::string hive;  ///< "SYSTEM"
  std::string key;   ///< "ControlSet001\Services\sshd"
  std::string name;
  std::variant<std::uint32_t, std::string, Binary> data;
};

/// Writes a hive with those of the values that are in the hive `name`. Throws if hivex refuses.
void write_hive(const std::string& path, const std::string& name, const std::vector<RegistryValue>& values);

/// Makes the first sequence number of a hive differ from the second, as a power cut does.
void make_hive_dirty(const std::string& path);

}  // namespace rescue::tests
