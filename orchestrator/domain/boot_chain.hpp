// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why a server does not boot: follows the way from the partition table to Windows' kernel, and names the first broken
// link. By facts only; changes nothing.

#include "orchestrator/domain/findings.hpp"

namespace rescue::domain {

/// The links of the chain, in order.
enum class BootLink {
  system_partition,    ///< the one with the boot manager
  boot_manager,        ///< bootmgfw.efi, or bootmgr
  boot_configuration,  ///< the BCD
  boot_entry,          ///< its default entry
  windows_partition,   ///< where the entry points
  windows_volume,      ///< its file system
  windows_files,       ///< loader and kernel
  windows_registry,    ///< the hives that the kernel starts with
  windows_state        ///< what happens after the kernel has started
};
constexpr auto words_of(BootLink) {
  return words<BootLink>("system-partition", "boot-manager", "boot-configuration", "boot-entry", "windows-partition",
                         "windows-volume", "windows-files", "windows-registry", "windows-state");
}

enum class LinkVerdict {
  good,
  suspect,  ///< can be the reason
  broken,   ///< is a reason: what comes after it was not looked at
  hidden    ///< can't be seen from here, and neither can what comes after it
};
constexpr auto words_of(LinkVerdict) { return words<LinkVerdict>("good", "suspect", "broken", "hidden"); }

struct BootCheck {
  BootLink link{};
  LinkVerdict verdict{};
  std::string disk;        ///< "/dev/sda"; may be empty
  unsigned partition = 0;  ///< 0: none
  std::string text;        ///< what was found
  std::string remedy;      ///< empty for `good`

  friend bool operator==(const BootCheck&, const BootCheck&) = default;
};

/// The chain up to its first broken or hidden link, or to its end. `uefi`: the server started the rescue by UEFI, else
/// by BIOS. In remedies W: stands for the letter that the customer's Windows has in the rescue Windows, and S: for that
/// of the system partition.
[[nodiscard]] std::vector<BootCheck> boot_chain(const std::vector<InspectedDisk>& disks, bool uefi);

}  // namespace rescue::domain
