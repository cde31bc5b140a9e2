// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the requester of a rescue wants of the session: netbootd hands it to the server's host agent as it is.

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
  std::string notify_address{};   ///< mail address that is told of the session; empty: nobody's
  std::string notify_language{};  ///< of that mail: "de", "pt-BR"
  std::string keyboard{};         ///< layout of the guest's console: "de", "en-us"; empty: the image's
  std::vector<std::string> ssh_keys{};  ///< lines of authorized_keys, without options
  std::string request_id{};             ///< of the request that asked for it
};

/// Whether the guest's changes can be left out in the end: not when each went to the server's disks as it was made.
[[nodiscard]] bool can_discard_changes(const RescueRequest& request) noexcept;

/// A mail address, local part and domain in plain ASCII. Throws `usage`.
[[nodiscard]] std::string canonical_mail_address(const std::string& text);
/// A language tag (BCP 47): a language, perhaps a region. Throws `usage`.
[[nodiscard]] std::string canonical_language(const std::string& text);
/// The name of a keyboard layout: lower-case letters, digits and hyphens. Throws `usage`.
[[nodiscard]] std::string canonical_keyboard(const std::string& text);
/// A public key as sshd reads it: type, key in base64 that says the same type, and perhaps a comment. Throws `usage`.
[[nodiscard]] std::string canonical_ssh_key(const std::string& text);

}  // namespace rescue::netboot
