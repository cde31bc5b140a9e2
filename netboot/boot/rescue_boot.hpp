// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The second initrd of a rescue boot: how the rescue system reaches netbootd, and its token (docs/host-agent.md).

#include "netboot/domain/token.hpp"

#include <string>

namespace rescue::netboot {

/// How servers reach this netbootd.
struct AgentEndpoint {
  std::string url;       ///< for host agents; empty: rescue systems are booted without a way to speak with netbootd
  std::string boot_url;  ///< for iPXE
  std::string ca_file;   ///< certificates that agents are to trust for `url`; empty: those that they have
};

/// A cpio archive of rescue-boot/control-plane.json and, where `ca` is not empty, rescue-boot/ca.pem.
[[nodiscard]] std::string rescue_boot_archive(const AgentEndpoint& endpoint, const BootToken& token,
                                              const std::string& ca);

}  // namespace rescue::netboot
