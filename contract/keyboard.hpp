// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keyboard layouts that a request may name, and their names in Windows and Linux.

#include "core/error.hpp"
#include "core/suggest.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::contract {

struct Keyboard {
  std::string_view name;      ///< "de": what a request says
  std::string_view language;  ///< "de-DE": BCP 47
  std::string_view input;     ///< "0407:00000407": Windows' language and layout
  std::string_view xkb;       ///< "de", "ch(fr)": X keyboard extension, which Debian's console uses, too
};

/// Input locales: "Default Input Profiles (Input Locales) in Windows", Microsoft Learn. Layouts: xkeyboard-config.
inline constexpr std::array<Keyboard, 28> keyboards{
    {{"us", "en-US", "0409:00000409", "us"},        {"us-intl", "en-US", "0409:00020409", "us(intl)"},
     {"gb", "en-GB", "0809:00000809", "gb"},        {"ie", "en-IE", "1809:00001809", "ie"},
     {"de", "de-DE", "0407:00000407", "de"},        {"at", "de-AT", "0c07:00000407", "at"},
     {"ch", "de-CH", "0807:00000807", "ch"},        {"ch-fr", "fr-CH", "100c:0000100c", "ch(fr)"},
     {"fr", "fr-FR", "040c:0000040c", "fr"},        {"be", "fr-BE", "080c:0000080c", "be"},
     {"ca-fr", "fr-CA", "0c0c:00001009", "ca(fr)"}, {"nl", "nl-NL", "0413:00020409", "us(intl)"},
     {"it", "it-IT", "0410:00000410", "it"},        {"es", "es-ES", "0c0a:0000040a", "es"},
     {"latam", "es-MX", "080a:0000080a", "latam"},  {"pt", "pt-PT", "0816:00000816", "pt"},
     {"br", "pt-BR", "0416:00000416", "br"},        {"se", "sv-SE", "041d:0000041d", "se"},
     {"no", "nb-NO", "0414:00000414", "no"},        {"dk", "da-DK", "0406:00000406", "dk"},
     {"fi", "fi-FI", "040b:0000040b", "fi"},        {"is", "is-IS", "040f:0000040f", "is"},
     {"pl", "pl-PL", "0415:00000415", "pl"},        {"cz", "cs-CZ", "0405:00000405", "cz"},
     {"sk", "sk-SK", "041b:0000041b", "sk"},        {"hu", "hu-HU", "040e:0000040e", "hu"},
     {"si", "sl-SI", "0424:00000424", "si"},        {"hr", "hr-HR", "041a:0000041a", "hr"}}};

/// Null for an unknown name. A language tag in lower case names a layout, too: "en-us", "de-de".
[[nodiscard]] inline const Keyboard* find_keyboard(std::string_view name) {
  const auto is_language = [name](std::string_view tag) {
    return std::equal(tag.begin(), tag.end(), name.begin(), name.end(), [](char left, char right) {
      return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) == right;
    });
  };
  const auto* found =
      std::find_if(keyboards.begin(), keyboards.end(), [name](const Keyboard& one) { return one.name == name; });
  if (found == keyboards.end()) {
    found = std::find_if(keyboards.begin(), keyboards.end(),
                         [&](const Keyboard& one) { return is_language(one.language); });
  }
  return found == keyboards.end() ? nullptr : found;
}

/// Throws `usage` with the known names and the nearest one.
[[nodiscard]] inline const Keyboard& keyboard_of(const std::string& name) {
  if (const auto* found = find_keyboard(name)) return *found;
  std::vector<std::string_view> names;
  std::string list;
  for (const auto& one : keyboards) {
    names.push_back(one.name);
    list += (list.empty() ? "" : ", ") + std::string(one.name);
  }
  constexpr std::size_t longest = 20;
  const auto near = name.size() <= longest ? nearest(name, names) : std::nullopt;
  throw Error(ErrorCode::usage, "'" + name.substr(0, longest) + "' is not a keyboard layout",
              (near ? "Did you mean '" + *near + "'? " : "") + "The layouts are " + list + ".");
}

}  // namespace rescue::contract
