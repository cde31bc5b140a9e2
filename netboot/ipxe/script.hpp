// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The iPXE scripts that a server's firmware is answered with: pure functions of what the server is to boot.

#include "netboot/domain/server.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rescue::netboot::ipxe {

/// How a server boots its own system.
struct Disk {
  Firmware firmware = Firmware::uefi;
  std::string loader;  ///< as `Server` has it
};

/// A kernel, and what is loaded with it. URLs are absolute.
struct KernelBoot {
  std::string kernel_url;
  std::vector<std::string> initrd_urls;
  std::string squashfs_url;  ///< rescue.squashfs= on the command line; empty: the arguments say it
  std::string arguments;     ///< of the kernel, as they are
  unsigned attempts = 3;     ///< to load kernel and initrds; then the disk is booted
};

/// A script of the operator's own.
struct ScriptBoot {
  std::string url;
  unsigned attempts = 3;  ///< to run it; then the disk is booted
};

using Boot = std::variant<KernelBoot, ScriptBoot>;

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

/// Boots that; after `attempts` failures the disk. Never waits for a key. A script of the operator's that ends well is
/// followed by the disk, too. The second initrd is for kernels; without it a rescue system starts, and knows no
/// netbootd.
[[nodiscard]] std::string boot_script(const Disk& disk, const Boot& boot, const std::optional<SecondInitrd>& second,
                                      const std::string& why);

}  // namespace rescue::netboot::ipxe
