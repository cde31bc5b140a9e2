// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Map of a few names to values, as requests have them; searched linearly, which is faster here than a tree.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::http {

/// Keeps each name once, in the order of insertion.
class Fields {
public:
  using value_type = std::pair<std::string, std::string>;
  using const_iterator = std::vector<value_type>::const_iterator;

  Fields() = default;
  Fields(std::initializer_list<value_type> items) : items_(items) {}

  [[nodiscard]] const_iterator begin() const noexcept { return items_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return items_.end(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  void clear() noexcept { items_.clear(); }

  [[nodiscard]] const_iterator find(std::string_view name) const noexcept {
    return std::find_if(items_.begin(), items_.end(), [name](const auto& item) { return item.first == name; });
  }
  [[nodiscard]] bool contains(std::string_view name) const noexcept { return find(name) != end(); }
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept { return contains(name) ? 1 : 0; }
  /// Throws std::out_of_range.
  [[nodiscard]] const std::string& at(std::string_view name) const {
    const auto found = find(name);
    if (found == end()) throw std::out_of_range("no field '" + std::string(name) + "'");
    return found->second;
  }
  /// Adds an empty value if there is none.
  std::string& operator[](std::string_view name) {
    const auto found = find(name);
    if (found != end()) return items_[static_cast<std::size_t>(found - begin())].second;
    return items_.emplace_back(name, std::string{}).second;
  }
  /// Adds a name that is not there yet.
  void append(std::string_view name, std::string_view value) { items_.emplace_back(name, value); }

private:
  std::vector<value_type> items_;
};

}  // namespace rescue::http
