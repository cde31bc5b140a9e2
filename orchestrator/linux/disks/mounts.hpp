// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the host has mounted and swaps to, so that none of it is ever handed to a guest.

#include <string>
#include <vector>

namespace rescue::linux {

struct Mount {
  std::string device;                     ///< "8:1"; "0:38" for file systems without a device of their own (btrfs too)
  std::string source;                     ///< "/dev/sda1", "tmpfs"
  std::string target;                     ///< "/", with spaces as they are
  std::string type;                       ///< "ext4"
  std::vector<std::string> more_sources;  ///< devices besides: xfs' log and real-time device, bcachefs' members
  std::vector<std::string> layer_paths;   ///< overlay: its lower, upper and work folders
};

/// The mounts of a mountinfo file (proc(5)), in its order. A file that can't be read has none. Throws `io` when it
/// can't be parsed.
[[nodiscard]] std::vector<Mount> read_mounts(const std::string& mountinfo_path);

/// The sources ("/dev/sda2", "/swapfile") of a swaps file (/proc/swaps). A file that can't be read has none.
[[nodiscard]] std::vector<std::string> read_swaps(const std::string& swaps_path);

}  // namespace rescue::linux
