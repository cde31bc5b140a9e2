// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/host_name.hpp"

namespace rescue::netboot {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;
constexpr std::string_view decimal_digits = "0123456789";

bool is_label(std::string_view label) {
  constexpr std::string_view letters_digits_hyphen = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of(letters_digits_hyphen) == std::string_view::npos;
}

bool looks_like_a_number(std::string_view label) {
  if (label.find_first_not_of(decimal_digits) == std::string_view::npos) return true;
  return label.starts_with("0x") && label.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

}  // namespace

std::optional<std::string> canonical_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > longest_name) return std::nullopt;
  std::string name(text);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (std::string_view rest = name;;) {
    const auto label = rest.substr(0, rest.find('.'));
    if (!is_label(label)) return std::nullopt;
    if (label.size() == rest.size()) return looks_like_a_number(label) ? std::nullopt : std::optional(name);
    rest.remove_prefix(label.size() + 1);
  }
}

}  // namespace rescue::netboot
