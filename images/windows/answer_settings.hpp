// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings of an unattended installation: what a person chooses, checked before Setup sees it.

#include "core/secret.hpp"
#include "images/windows/release.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::windows {

struct KeyboardLayout {
  std::string_view name;    ///< "us"
  std::string_view input;   ///< "0409:00000409": language and layout, for InputLocale
  std::string_view layout;  ///< "00000409", for the login screen
};

struct AnswerSettings {
  Release release = Release::server_2022;
  Firmware firmware = Firmware::uefi;
  unsigned image_index = 1;
  std::string edition_id;             ///< "ServerStandard", for the key that Setup asks for
  std::string ui_language = "en-US";  ///< one of the edition's languages
  std::string locale = "en-US";       ///< formats of dates and numbers
  std::vector<std::string> keyboards{"us", "fr", "de", "es", "it", "gb", "ch"};  ///< the first is the default
  std::string time_zone = "UTC";                                                 ///< as Windows names it
  std::string computer_name = "RESCUE";
  std::vector<std::string> driver_names;  ///< folders below drivers/ of the answer medium
  std::string install_script;             ///< file of the answer medium that Setup runs at its end; empty: none
  const Secret* administrator_password = nullptr;  ///< for the installation only; null: left out
};

/// Throws `usage` that names the first setting that Windows would refuse, with the nearest valid value.
void check(const AnswerSettings& settings);

/// Throws `usage` for an unknown name.
[[nodiscard]] const KeyboardLayout& keyboard_layout(const std::string& name);
/// "us, fr, ..." for help texts.
[[nodiscard]] std::string keyboard_names();

/// Names of Windows' time zones ("Default Time Zones", Microsoft Learn).
[[nodiscard]] const std::vector<std::string_view>& time_zones();

}  // namespace rescue::windows
