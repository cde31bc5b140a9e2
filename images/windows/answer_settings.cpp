// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/answer_settings.hpp"

#include "core/error.hpp"
#include "core/suggest.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rescue::windows {
namespace {

/// "Default Input Profiles (Input Locales) in Windows", Microsoft Learn. Spanish has the layout of its traditional
/// sort.
constexpr std::array<KeyboardLayout, 8> layouts{{{"us", "0409:00000409", "00000409"},
                                                 {"fr", "040c:0000040c", "0000040c"},
                                                 {"de", "0407:00000407", "00000407"},
                                                 {"es", "0c0a:0000040a", "0000040a"},
                                                 {"it", "0410:00000410", "00000410"},
                                                 {"gb", "0809:00000809", "00000809"},
                                                 {"ch", "0807:00000807", "00000807"},
                                                 {"ch-fr", "100c:0000100c", "0000100c"}}};

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

[[noreturn]] void refuse(const std::string& problem, const std::string& hint) {
  throw Error(ErrorCode::usage, problem, hint);
}

/// A language tag such as "en-US" or "zh-Hans-CN".
bool is_language_tag(const std::string& text) {
  const auto lower = lower_case(text);
  const auto first = lower.find('-');
  return first >= 2 && first <= 3 && lower.size() <= 20 && lower.back() != '-' &&
         lower.find_first_not_of(std::string(letters) + std::string(digits) + "-") == std::string::npos;
}

/// "ComputerName", Microsoft Learn: at most 15 characters for NetBIOS, and not digits alone.
bool is_computer_name(const std::string& text) {
  constexpr std::size_t longest = 15;
  const auto lower = lower_case(text);
  const auto allowed = std::string(letters) + std::string(digits) + "-";
  return !lower.empty() && lower.size() <= longest && lower.find_first_not_of(allowed) == std::string::npos &&
         lower.find_first_not_of(digits) != std::string::npos && lower.front() != '-' && lower.back() != '-';
}

void check_keyboards(const std::vector<std::string>& keyboards) {
  if (keyboards.empty()) refuse("no keyboard layout is chosen", "Choose from " + keyboard_names() + ".");
  for (auto keyboard = keyboards.begin(); keyboard != keyboards.end(); ++keyboard) {
    (void)keyboard_layout(*keyboard);
    if (std::find(keyboards.begin(), keyboard, *keyboard) != keyboard) {
      refuse(fmt::format("the keyboard layout '{}' is named twice", *keyboard), "Name each layout once.");
    }
  }
}

void check_time_zone(const std::string& name) {
  const auto& known = time_zones();
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const auto near = nearest(name, known);
  refuse(fmt::format("'{}' is no time zone of Windows", name),
         near ? fmt::format("Did you mean '{}'?", *near)
              : "Use Windows' own name: UTC, 'Romance Standard Time', 'W. Europe Standard Time', ...");
}

}  // namespace

const KeyboardLayout& keyboard_layout(const std::string& name) {
  const auto* const found =
      std::find_if(layouts.begin(), layouts.end(), [&](const KeyboardLayout& layout) { return layout.name == name; });
  if (found != layouts.end()) return *found;
  refuse(fmt::format("'{}' is no keyboard layout", name), "Choose from " + keyboard_names() + ".");
}

std::string keyboard_names() {
  std::vector<std::string_view> names;
  names.reserve(layouts.size());
  for (const auto& layout : layouts) names.push_back(layout.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void check(const AnswerSettings& settings) {
  for (const auto& language : {settings.ui_language, settings.locale}) {
    if (!is_language_tag(language)) refuse(fmt::format("'{}' is no language", language), "Use a form such as en-US.");
  }
  check_keyboards(settings.keyboards);
  check_time_zone(settings.time_zone);
  if (!is_computer_name(settings.computer_name)) {
    refuse(fmt::format("'{}' is no computer name", settings.computer_name),
           "Use at most 15 letters, digits and hyphens; a hyphen neither first nor last, and not digits alone.");
  }
}

}  // namespace rescue::windows
