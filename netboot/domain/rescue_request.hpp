// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Wishes of a rescue's requester: netbootd passes them unchanged to the server's host agent.

#include "contract/link.hpp"

#include <string>
#include <vector>

namespace rescue::netboot {

/// The words are rescued's (docs/host-agent.md); a lease that was set by hand has these defaults.
struct RescueRequest {
  std::string on_shutdown = "restart";
  std::string disk_mode = "rw";
  std::string then = "reboot";
  std::string image = "default";
  std::string public_key;         ///< X25519, 32 bytes in base64: credentials are sealed to it; empty: not delivered
  std::string notify_address{};   ///< mail address for notifications; empty: none
  std::string notify_language{};  ///< of these mails: "de", "pt-BR"
  bool link = false;              ///< a one-time link of the credentials is made for the customer
  contract::CodePolicy code = contract::CodePolicy::panel;  ///< of the link
  std::string keyboard{};               ///< layout of the guest's console: "de", "us"; empty: the image's
  std::vector<std::string> ssh_keys{};  ///< lines of authorized_keys, without options
  std::string auth = "password";        ///< logins over SSH: "password" or "keys-only"
  std::string request_id{};             ///< of the request that started the rescue
};

/// True if netbootd sends the link, for which it gets its key: by mail, or with the code to the provider's channel.
[[nodiscard]] bool is_link_sent(const RescueRequest& request) noexcept;

/// True if the guest's changes can be discarded at the end: not if each was written to the server's disks at once.
[[nodiscard]] bool can_discard_changes(const RescueRequest& request) noexcept;

/// Returns a mail address, local part and domain in plain ASCII. Throws `usage`.
[[nodiscard]] std::string canonical_mail_address(const std::string& text);
/// Returns a language tag (BCP 47): a language, and optionally a region. Throws `usage`.
[[nodiscard]] std::string canonical_language(const std::string& text);
/// Returns the name of a known keyboard layout; "en-us" is "us". Throws `usage` with the known names.
[[nodiscard]] std::string canonical_keyboard(const std::string& text);

}  // namespace rescue::netboot
