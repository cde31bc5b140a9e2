// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Generates the iPXE scripts for a server's firmware: pure functions of what the server boots.

#include "netboot/domain/server.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rescue::netboot::ipxe {

/// Boot from the server's own disk.
struct Disk {
  Firmware firmware = Firmware::uefi;
  std::string loader;  ///< `Server`'s loader
};

/// Kernel and what is loaded with it. URLs are absolute.
struct KernelBoot {
  std::string kernel_url;
  std::vector<std::string> initrd_urls;
  std::string squashfs_url;  ///< rescue.squashfs= on the command line; empty: in `arguments`
  std::string arguments;     ///< kernel arguments, verbatim
  unsigned attempts = 3;     ///< to load kernel and initrds; then the disk is booted
};

/// Script of the operator.
struct ScriptBoot {
  std::string url;
  unsigned attempts = 3;  ///< to run it; then the disk is booted
};

using Boot = std::variant<KernelBoot, ScriptBoot>;

/// Second initrd, made for one boot: what the rescue system needs to reach netbootd.
struct SecondInitrd {
  std::string url;
  /// Minimum time to retry: netbootd refuses it while the session's host agent counts as alive, and a server that lost
  /// power in a session boots again sooner.
  Milliseconds patience{};
};

/// Script that boots the server's disk. `why` becomes a comment: printable text of ours on one line, never a peer's
/// bytes.
[[nodiscard]] std::string disk_script(const Disk& disk, const std::string& why);

/// Script that boots the disk of an unknown server: it detects the firmware itself.
[[nodiscard]] std::string disk_script_for_unknown(const std::string& why);

/// Script that boots `boot`; after `attempts` failures the disk. Never waits for a key. After a script of the operator
/// that succeeds the disk boots, too. The second initrd is for kernels; without it a rescue system starts, but does not
/// know netbootd.
[[nodiscard]] std::string boot_script(const Disk& disk, const Boot& boot, const std::optional<SecondInitrd>& second,
                                      const std::string& why);

}  // namespace rescue::netboot::ipxe
