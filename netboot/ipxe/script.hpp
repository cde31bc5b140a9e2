// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The iPXE scripts that a server's firmware is answered with: pure functions of what the server is to boot.

#include "netboot/domain/server.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::ipxe {

/// How a server boots its own system.
struct Disk {
  Firmware firmware = Firmware::uefi;
  std::string loader;  ///< as `Server` has it
};

/// What the rescue system is loaded from. URLs are absolute.
struct RescueBoot {
  std::string kernel_url;
  std::string initrd_url;
  std::string squashfs_url;  ///< rescue.squashfs= on the command line; empty: the arguments say it
  std::string arguments;     ///< of the kernel, as they are
  unsigned attempts = 3;     ///< to load kernel and initrd; then the disk is booted
};

/// The second initrd, which is made for one boot: what the rescue system needs to speak with netbootd.
struct SecondInitrd {
  std::string url;
  /// How long it is asked for, at the least: it is refused while the host agent of the session counts as alive, and a
  /// server that was cut off from power in mid session comes back sooner.
  Milliseconds patience{};
};

/// Boots the server's disk. `why` becomes a comment: printable text of ours on one line, never a peer's bytes.
[[nodiscard]] std::string disk_script(const Disk& disk, const std::string& why);

/// As above for a server of which nothing is known: the script looks at its own firmware.
[[nodiscard]] std::string disk_script_for_unknown(const std::string& why);

/// Boots the rescue system; after `attempts` failures to load it, the disk. Never waits for a key.
/// Without a second initrd the rescue system starts, and knows no netbootd.
[[nodiscard]] std::string rescue_script(const Disk& disk, const RescueBoot& boot,
                                        const std::optional<SecondInitrd>& second, const std::string& why);

}  // namespace rescue::netboot::ipxe
