// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes the boot.wim of a rescue Windows PE out of Microsoft's: drivers, SSH, guest agent and a start script.

#include "images/media/medium.hpp"
#include "images/windows/drivers.hpp"

#include <string>

namespace rescue::winpe {

/// Sources of what goes into \rescue of the system drive.
struct Additions {
  const media::Medium* virtio = nullptr;
  windows::DriverChoice drivers;
  const media::Medium* ssh = nullptr;  ///< zip of Win32-OpenSSH
  std::string ssh_folder;              ///< folder of sshd.exe in it; "" for its root
  std::string agent_msi;               ///< path on virtio's medium; empty: none
};

/// Exports image 1 ("Microsoft Windows PE", without Setup) of `source` to a new file `target`, which boots, and adds
/// the files. `scratch`: an empty folder for them. Runs wimlib-imagex and, for the agent, msiextract. Blocks for a
/// minute. Throws `precondition` that names what can't be read.
void make_boot_wim(const std::string& source, const std::string& target, const Additions& additions,
                   const std::string& scratch);

/// Copies the files below a folder of a medium into `target`, without the folder's own name. Throws `precondition` for
/// a name that would leave it: names on a medium are data of others.
void copy_below(const media::Medium& medium, const std::string& folder, const std::string& target);

/// Copies a file of a medium, of any size, to a new file.
void copy_from(const media::Medium& medium, const media::MediumFile& file, const std::string& target);

}  // namespace rescue::winpe
