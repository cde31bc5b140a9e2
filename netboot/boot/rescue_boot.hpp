// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The second initrd of a rescue boot: netbootd's address for the rescue system, and its token (docs/host-agent.md).

#include "netboot/domain/token.hpp"

#include <string>
#include <vector>

namespace rescue::netboot {

/// The addresses of this netbootd for servers.
struct AgentEndpoint {
  std::string url;                        ///< for host agents; empty: rescue systems boot without host agents
  std::string boot_url;                   ///< for iPXE
  std::string ca_file;                    ///< certificates that agents trust for `url`; empty: their own
  std::vector<std::string> relay_urls{};  ///< of all netbootds that relay consoles, beside `url`
};

/// A cpio archive of rescue-boot/control-plane.json and, where `ca` is not empty, rescue-boot/ca.pem.
[[nodiscard]] std::string rescue_boot_archive(const AgentEndpoint& endpoint, const BootToken& token,
                                              const std::string& ca);

}  // namespace rescue::netboot
