// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control plane asks of a session: words as they came, since refusing them is the session's to do and to
// report.

#include <string>

namespace rescue::domain {

struct SessionRequest {
  std::string session;               ///< the control plane's name of it
  std::string on_shutdown;           ///< "restart", "finish", "keep"; empty: as configured
  std::string disk_mode;             ///< "rw", "ro", "overlay"; empty: as configured
  std::string then;                  ///< "reboot", "poweroff", "stay"; empty: as configured
  std::string image;                 ///< an image's name; empty or "default": the one that is there
  std::string reason;                ///< for people
  std::string requester_public_key;  ///< X25519, base64: whom the credentials are sealed to; empty: nobody

  friend bool operator==(const SessionRequest&, const SessionRequest&) = default;
};

}  // namespace rescue::domain
