// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of facts about disks, member by member: written for programs, read from one that a hostile disk may have broken.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/rfc3339.hpp"
#include "core/words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

inline constexpr std::size_t longest_fact_text = 300;
inline constexpr std::size_t longest_fact_list = 256;

[[nodiscard]] inline nlohmann::json time_json(const std::optional<WallTime>& time) {
  return time ? nlohmann::json(rfc3339(*time)) : nlohmann::json();
}

template <class T, class Write>
[[nodiscard]] nlohmann::json list_json(const std::vector<T>& list, Write write) {
  auto json = nlohmann::json::array();
  for (const auto& item : list) json.push_back(write(item));
  return json;
}

/// Reads the members of one object: texts are made printable, lists are bounded. Throws `subprocess` for unknown words;
/// nlohmann's exceptions name the member that is wrong.
class Members {
public:
  explicit Members(const nlohmann::json& json) : json_(json) {}
  [[nodiscard]] std::string text(const char* name) const {
    return printable(json_.at(name).get_ref<const std::string&>(), longest_fact_text);
  }
  [[nodiscard]] bool flag(const char* name) const { return json_.at(name).get_ref<const bool&>(); }
  [[nodiscard]] std::uint64_t number(const char* name) const {
    return json_.at(name).get_ref<const nlohmann::json::number_unsigned_t&>();
  }
  template <class Enum>
  [[nodiscard]] Enum word(const char* name) const {
    if (const auto value = parse_word<Enum>(json_.at(name).get_ref<const std::string&>())) return *value;
    throw Error(ErrorCode::subprocess, fmt::format("'{}' has an unknown word", name));
  }
  [[nodiscard]] std::optional<WallTime> time(const char* name) const {
    const auto& value = json_.at(name);
    if (value.is_null()) return std::nullopt;
    if (auto time = parse_rfc3339(value.get_ref<const std::string&>())) return time;
    throw Error(ErrorCode::subprocess, fmt::format("'{}' is no time", name));
  }
  template <class Read>
  [[nodiscard]] auto list(const char* name, Read read) const {
    const auto& items = json_.at(name).get_ref<const nlohmann::json::array_t&>();
    std::vector<decltype(read(items.front()))> all;
    for (const auto& item : items) {
      if (all.size() < longest_fact_list) all.push_back(read(item));
    }
    return all;
  }
  [[nodiscard]] std::vector<std::string> texts(const char* name) const {
    return list(name, [](const nlohmann::json& item) {
      return printable(item.get_ref<const std::string&>(), longest_fact_text);
    });
  }
  [[nodiscard]] const nlohmann::json& raw(const char* name) const { return json_.at(name); }

private:
  const nlohmann::json& json_;
};

}  // namespace rescue::domain
