// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the requester of a rescue wants of the session: netbootd hands it to the server's host agent as it is.

#include <string>

namespace rescue::netboot {

/// The words are rescued's (docs/host-agent.md); a lease that was set by hand has these defaults.
struct RescueRequest {
  std::string on_shutdown = "restart";
  std::string disk_mode = "rw";
  std::string then = "reboot";
  std::string image = "default";
  std::string public_key;    ///< X25519, 32 bytes in base64: credentials are sealed to it; empty: not delivered
  std::string request_id{};  ///< of the request that asked for it
};

}  // namespace rescue::netboot
