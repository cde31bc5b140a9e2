// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Request of the control plane for a session. The words are not checked yet: the session refuses and reports unknown
// ones.

#include "core/words.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

/// Request for a one-time link of the credentials.
struct LinkRequest {
  std::string url;    ///< base URL of the pages that open links
  std::string code;   ///< "panel", "none", "webhook": contract::CodePolicy
  bool send = false;  ///< the control plane sends the link to the customer, thus needs its key

  friend bool operator==(const LinkRequest&, const LinkRequest&) = default;
};

/// Logins over SSH that the guest accepts. RDP always needs the password.
enum class SshAuth { password, keys_only };
constexpr auto words_of(SshAuth) { return words<SshAuth>("password", "keys-only"); }

struct SessionRequest {
  std::string session;                  ///< name of the session at the control plane
  std::string on_shutdown;              ///< "restart", "finish", "keep"; empty: as configured
  std::string disk_mode;                ///< "rw", "ro", "overlay"; empty: as configured
  std::string then;                     ///< "reboot", "poweroff", "stay"; empty: as configured
  std::string image;                    ///< an image's name; empty or "default": the image on this host
  std::string reason;                   ///< for people
  std::string requester_public_key;     ///< X25519, base64: key that the credentials are sealed to; empty: not sealed
  std::optional<LinkRequest> link{};    ///< none: no link is made
  std::string keyboard{};               ///< layout of the guest's console (contract/keyboard.hpp); empty: the image's
  std::string language{};               ///< of texts for the customer: "de", "pt-BR"; empty: English
  std::string auth{};                   ///< "password", "keys-only" for SSH; empty: password
  std::vector<std::string> ssh_keys{};  ///< lines of authorized_keys for the administrator, without options

  friend bool operator==(const SessionRequest&, const SessionRequest&) = default;
};

using rescue::name_of;

}  // namespace rescue::domain
