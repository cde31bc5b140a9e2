// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Actions that an image offers in its guest: the manifest describes them, rescued and rescue-image perform them.

#include "core/words.hpp"

#include <map>
#include <string>
#include <vector>

namespace rescue::contract {

/// An image offers any of them, or none.
enum class GuestAction {
  ssh_keys,      ///< writes the administrator's authorized keys; an empty text removes all
  keys_only,     ///< turns password logins over SSH off
  keyboard,      ///< sets keyboard layout and language
  login_text,    ///< writes the text that an SSH login shows
  desktop_text,  ///< writes a text on the desktop
  message,       ///< shows {text} to everybody who is logged in
};
constexpr auto words_of(GuestAction) {
  return words<GuestAction>("ssh_keys", "keys_only", "keyboard", "login_text", "desktop_text", "message");
}

/// How an action is performed by the guest agent: first the file is written, then the commands run in their order.
struct GuestProcedure {
  std::string file{};                                ///< path in the guest for the action's text; empty: none
  bool crlf = false;                                 ///< lines of the file end in CR LF
  bool before_login = false;                         ///< everybody who connects reads the text: it names no disks
  std::vector<std::vector<std::string>> commands{};  ///< argument vectors; each must end with 0

  friend bool operator==(const GuestProcedure&, const GuestProcedure&) = default;
};
using GuestActions = std::map<GuestAction, GuestProcedure>;

using rescue::name_of;

}  // namespace rescue::contract
