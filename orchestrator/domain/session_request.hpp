// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Request of the control plane for a session. The words are not checked yet: the session refuses and reports unknown
// ones.

#include <string>

namespace rescue::domain {

struct SessionRequest {
  std::string session;               ///< name of the session at the control plane
  std::string on_shutdown;           ///< "restart", "finish", "keep"; empty: as configured
  std::string disk_mode;             ///< "rw", "ro", "overlay"; empty: as configured
  std::string then;                  ///< "reboot", "poweroff", "stay"; empty: as configured
  std::string image;                 ///< an image's name; empty or "default": the image on this host
  std::string reason;                ///< for people
  std::string requester_public_key;  ///< X25519, base64: key that the credentials are sealed to; empty: not sealed

  friend bool operator==(const SessionRequest&, const SessionRequest&) = default;
};

}  // namespace rescue::domain
