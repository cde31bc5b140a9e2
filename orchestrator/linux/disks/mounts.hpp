// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's mounts and swap areas: none of them is handed to a guest.

#include <string>
#include <vector>

namespace rescue::linux {

struct Mount {
  std::string device;                     ///< "8:1"; "0:38" for file systems without their own device (also btrfs)
  std::string source;                     ///< "/dev/sda1", "tmpfs"
  std::string target;                     ///< "/", with spaces unescaped
  std::string type;                       ///< "ext4"
  std::vector<std::string> more_sources;  ///< further devices: xfs' log and real-time device, bcachefs' members
  std::vector<std::string> layer_paths;   ///< of an overlay: its lower, upper and work folders
};

/// The mounts of a mountinfo file (proc(5)), in its order. None if the file can't be read. Throws `io` when it can't be
/// parsed.
[[nodiscard]] std::vector<Mount> read_mounts(const std::string& mountinfo_path);

/// The sources ("/dev/sda2", "/swapfile") of a swaps file (/proc/swaps). None if the file can't be read.
[[nodiscard]] std::vector<std::string> read_swaps(const std::string& swaps_path);

}  // namespace rescue::linux
