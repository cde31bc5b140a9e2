// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/registry_values.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace rescue::windows_disk {
namespace {

using Json = nlohmann::ordered_json;

const Json* value_in(const Json& values, const char* name) {
  if (!values.is_object()) return nullptr;
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

std::string text_in(const Json& values, const char* name) {
  const auto* const value = value_in(values, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

std::optional<std::uint64_t> number_in(const Json& values, const char* name) {
  const auto* const value = value_in(values, name);
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  return value->get<std::uint64_t>();
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned value = 0;
    const auto* const end = hex.data() + at + 2;
    const auto [rest, error] = std::from_chars(hex.data() + at, end, value, 16);
    if (error != std::errc{} || rest != end) return "";
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

}  // namespace rescue::windows_disk
