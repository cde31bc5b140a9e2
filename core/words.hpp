// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of an enum: one table beside the enum, from which its names, its parser and its choices come. The compiler
// refuses a table with a word too few or too many.
//
//   enum class Ending { reboot, poweroff, stay };
//   constexpr auto words_of(Ending) { return words<Ending>("reboot", "poweroff", "stay"); }
//   using rescue::name_of;  // in the enum's namespace

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace rescue {
namespace words_detail {

/// GCC and clang print a value that is no enumerator as a cast: "[with auto Value = (rescue::Ending)3]".
template <auto Value>
consteval bool is_enumerator() {
  const std::string_view signature = __PRETTY_FUNCTION__;
  return signature.find("Value = (") == std::string_view::npos;
}

}  // namespace words_detail

/// The words of the enumerators 0, 1, 2, ... in this order.
template <class Enum, class... Texts>
consteval auto words(Texts... texts) {
  constexpr auto size = sizeof...(Texts);
  static_assert(words_detail::is_enumerator<static_cast<Enum>(size - 1)>(), "there are more words than enumerators");
  static_assert(!words_detail::is_enumerator<static_cast<Enum>(size)>(), "an enumerator has no word");
  return std::array<std::string_view, size>{texts...};
}

template <class Enum>
concept HasWords = requires(Enum value) {
  words_of(value);
};

/// "unknown" for a value that is no enumerator.
template <HasWords Enum>
[[nodiscard]] constexpr std::string_view name_of(Enum value) noexcept {
  constexpr auto all = words_of(Enum{});
  const auto index = static_cast<std::size_t>(value);
  return index < all.size() ? all[index] : std::string_view("unknown");
}

/// The enumerator with this word; none when there is no such word.
template <HasWords Enum>
[[nodiscard]] constexpr std::optional<Enum> parse_word(std::string_view word) noexcept {
  constexpr auto all = words_of(Enum{});
  for (std::size_t index = 0; index < all.size(); ++index) {
    if (all[index] == word) return static_cast<Enum>(index);
  }
  return std::nullopt;
}

/// All words, in the order of the enumerators.
template <HasWords Enum>
[[nodiscard]] std::span<const std::string_view> choices() noexcept {
  static constexpr auto all = words_of(Enum{});
  return all;
}

}  // namespace rescue
