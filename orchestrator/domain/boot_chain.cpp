// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/boot_chain.hpp"

#include "core/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::domain {
namespace {

/// A partition and its disk.
struct Place {
  const InspectedDisk* disk = nullptr;
  const PartitionFacts* partition = nullptr;
};

const PartitionFacts* partition_of(const InspectedDisk& disk, unsigned number) {
  const auto& all = disk.facts.partitions;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.number == number; });
  return found == all.end() ? nullptr : &*found;
}

/// Name in a path of the boot configuration, as the folder of an installation: "\Windows" is "Windows".
bool names_folder(const std::string& path, const std::string& folder) {
  return lower_case(trimmed(path, "\\ ")) == lower_case(folder);
}

class Chain {
public:
  Chain(const std::vector<InspectedDisk>& disks, bool uefi) : disks_(disks), uefi_(uefi) {}

  std::vector<BootCheck> follow() {
    for (const auto link : {&Chain::system_partition, &Chain::boot_manager, &Chain::boot_configuration,
                            &Chain::boot_entry, &Chain::windows_partition, &Chain::windows_volume,
                            &Chain::windows_files, &Chain::windows_registry, &Chain::windows_state}) {
      (this->*link)();
      const auto verdict = checks_.back().verdict;
      if (verdict == LinkVerdict::broken || verdict == LinkVerdict::hidden) break;
    }
    return std::move(checks_);
  }

private:
  void add(BootLink link, LinkVerdict verdict, const Place& place, std::string text, std::string remedy = "") {
    checks_.push_back({link, verdict, place.disk == nullptr ? "" : place.disk->path,
                       place.partition == nullptr ? 0 : place.partition->number, std::move(text), std::move(remedy)});
  }

  /// For something that is on no disk: it may be on one that could not be read.
  void add_missing(BootLink link, const std::string& text, std::string remedy) {
    for (const auto& disk : disks_) {
      if (disk.problem.empty()) continue;
      return add(link, LinkVerdict::hidden, {&disk, nullptr},
                 fmt::format("{}; but this disk could not be inspected: {}", text, disk.problem),
                 "Look at the disk's health first. It may hold what is missed.");
    }
    add(link, LinkVerdict::broken, {}, text, std::move(remedy));
  }

  [[nodiscard]] const char* firmware() const { return uefi_ ? "UEFI" : "BIOS"; }
  [[nodiscard]] std::string bcdboot() const { return fmt::format("bcdboot W:\\Windows /s S: /f {}", firmware()); }
  [[nodiscard]] std::string bcdedit(std::string_view what) const {
    return fmt::format("bcdedit /store S:\\{}\\BCD {}", uefi_ ? "EFI\\Microsoft\\Boot" : "Boot", what);
  }

  /// The best one: with a boot manager, and for the server's firmware.
  void system_partition() {
    constexpr auto link = BootLink::system_partition;
    int best = -1;
    for (const auto& disk : disks_) {
      for (const auto& files : disk.facts.boot) {
        const int rank = (files.manager.empty() ? 0 : 2) + (files.uefi == uefi_ ? 1 : 0);
        const auto* const partition = partition_of(disk, files.partition);
        if (partition == nullptr || rank <= best) continue;
        best = rank;
        files_ = &files;
        system_ = {&disk, partition};
      }
    }
    const bool other_firmware = files_ != nullptr && files_->uefi != uefi_;
    if (files_ == nullptr || (other_firmware && files_->manager.empty())) {
      return add_missing(
          link, uefi_ ? "there is no EFI system partition" : "no active partition has a file system of Windows",
          uefi_ ? "Make one of 100 MB (diskpart: create partition efi), then: " + bcdboot()
                : "Set the partition with \\bootmgr active: diskpart, select partition, active.");
    }
    if (other_firmware) {
      uefi_ = files_->uefi;
      return add(link, LinkVerdict::suspect, system_,
                 fmt::format("Windows was installed for {}, and the server started the rescue by {}", firmware(),
                             uefi_ ? "BIOS" : "UEFI"),
                 fmt::format("Look at the firmware's boot mode: the disk is started by {} only.", firmware()));
    }
    if (!files_->problem.empty()) {
      return add(
          link, LinkVerdict::broken, system_, files_->problem,
          "Copy the partition before anything is repaired, then let Windows check it: chkdsk S: /f. Only if that "
          "does not help format it with FAT32, and: " +
              bcdboot());
    }
    add(link, LinkVerdict::good, system_,
        uefi_ ? "the EFI system partition is there" : "the active partition is there");
  }

  void boot_manager() {
    constexpr auto link = BootLink::boot_manager;
    if (!files_->manager.empty()) return add(link, LinkVerdict::good, system_, files_->manager + " is there");
    add(link, LinkVerdict::broken, system_,
        uefi_ ? "Windows' boot manager, \\EFI\\Microsoft\\Boot\\bootmgfw.efi, is missing, empty or can't be read"
              : "Windows' boot manager, \\bootmgr, is missing, empty or can't be read",
        "Let the customer's Windows copy it from its own files: " + bcdboot());
  }

  void boot_configuration() {
    constexpr auto link = BootLink::boot_configuration;
    if (files_->store == BootStore::absent) {
      return add(link, LinkVerdict::broken, system_, "the boot configuration (BCD) is missing", bcdboot());
    }
    const auto make_again = "Keep a copy of the file BCD, then: " + bcdboot();
    if (files_->store == BootStore::damaged) {
      return add(link, LinkVerdict::broken, system_, "the boot configuration (BCD) is damaged (0xc0000098, 0xc000000f)",
                 make_again);
    }
    if (files_->store_dirty) {
      return add(link, LinkVerdict::suspect, system_, "the boot configuration (BCD) was not written completely",
                 make_again);
    }
    add(link, LinkVerdict::good, system_, "the boot configuration can be read");
  }

  void boot_entry() {
    constexpr auto link = BootLink::boot_entry;
    if (files_->entries.empty()) {
      return add(link, LinkVerdict::broken, system_, "the boot configuration has no entry for a Windows (0xc0000034)",
                 "Make one: " + bcdboot());
    }
    entry_ = &files_->entries.front();
    if (!lower_case(entry_->path).ends_with(uefi_ ? ".efi" : ".exe")) {
      return add(
          link, LinkVerdict::broken, system_,
          fmt::format("the entry \"{}\" starts {}, which is not for {}", entry_->description, entry_->path, firmware()),
          "Make another entry: " + bcdboot());
    }
    if (!entry_->is_default) {
      return add(link, LinkVerdict::suspect, system_, "the boot configuration has no default entry for a Windows",
                 "Set it: " + bcdedit("/default " + entry_->id));
    }
    add(link, LinkVerdict::good, system_, fmt::format("the default entry is \"{}\"", entry_->description));
  }

  struct Found {
    std::vector<Place> exact;  ///< partition and disk
    std::vector<Place> moved;  ///< the partition, on a disk of another identity
  };
  [[nodiscard]] Found locate(const BootDevice& device) const {
    Found found;
    if (device.boot) found.exact.push_back(system_);
    for (const auto& disk : disks_) {
      for (const auto& partition : disk.facts.partitions) {
        const bool same_disk = disk.facts.id == device.disk_id;
        if (device.boot || !device.known) continue;
        if (device.partition_id.empty() ? same_disk && partition.start == device.partition_start
                                        : partition.id == device.partition_id && same_disk) {
          found.exact.push_back({&disk, &partition});
        } else if (!device.partition_id.empty() && partition.id == device.partition_id) {
          found.moved.push_back({&disk, &partition});
        }
      }
    }
    return found;
  }

  /// Where the loader is, then where Windows is: mostly one partition.
  void windows_partition() {
    constexpr auto link = BootLink::windows_partition;
    for (const auto* const device : {&entry_->device, &entry_->os_device}) {
      if (!device->known) {
        return add(link, LinkVerdict::hidden, system_,
                   "the entry starts a Windows that can't be followed from here: from a virtual disk, or from memory",
                   "Look at it in the rescue Windows: " + bcdedit("/enum"));
      }
      const auto found = locate(*device);
      const auto point_again = fmt::format("Let the entry point to it: {}, and the same for device.",
                                           bcdedit(fmt::format("/set {} osdevice partition=W:", entry_->id)));
      if (found.exact.empty() && found.moved.empty()) {
        return add_missing(
            link,
            fmt::format("the entry points to a partition that is on no disk ({}): the disk is missing, or "
                        "its identity or its partitions were changed (0xc000000e, 0xc0000225)",
                        device->partition_id.empty()
                            ? fmt::format("disk {}, at byte {}", device->disk_id, device->partition_start)
                            : device->partition_id),
            "If the Windows is there: " + point_again);
      }
      if (found.exact.empty()) {
        return add(link, LinkVerdict::broken, found.moved.front(),
                   fmt::format("the entry's partition is there, but its disk has another identity ({}) than the entry "
                               "says ({}): another system has changed it (0xc000000e)",
                               found.moved.front().disk->facts.id, device->disk_id),
                   point_again);
      }
      target_ = found.exact.front();
      if (found.exact.size() > 1) {
        return add(link, LinkVerdict::suspect, target_,
                   fmt::format("the entry's partition is there twice: {} is a copy of {}", found.exact[1].disk->path,
                               target_.disk->path),
                   "Take one of the two disks out of the server: Windows changes the identity of one of them.");
      }
    }
    add(link, LinkVerdict::good, target_, "the entry's partition is there");
  }

  void windows_volume() {
    constexpr auto link = BootLink::windows_volume;
    const auto& partition = *target_.partition;
    if (partition.content == Content::bitlocker) {
      return add(link, LinkVerdict::hidden, target_, "Windows' volume is encrypted by BitLocker",
                 "Unlock it in the rescue Windows with the 48-digit recovery password: manage-bde -unlock W: "
                 "-RecoveryPassword ...");
    }
    if (partition.content == Content::ldm || partition.content == Content::storage_spaces) {
      return add(link, LinkVerdict::hidden, target_, "Windows' volume is on a dynamic disk or in a pool",
                 "Look at it in the rescue Windows.");
    }
    if (!partition.ntfs || !partition.ntfs->problem.empty()) {
      return add(link, LinkVerdict::broken, target_,
                 partition.ntfs ? partition.ntfs->problem : "Windows' volume has no file system that is known",
                 "Copy the disk before anything is repaired. `chkdsk W:` without options only looks.");
    }
    if (partition.ntfs->hibernated) {
      return add(
          link, LinkVerdict::suspect, target_,
          "Windows sleeps, or was stopped by fast startup: it wakes in place of starting",
          "Repair nothing on this volume while it sleeps. To make it start anew, delete W:\\hiberfil.sys: programs "
          "that were open lose what was not saved.");
    }
    if (partition.ntfs->dirty) {
      return add(link, LinkVerdict::suspect, target_, "Windows' volume is marked to be checked",
                 "Save the files that matter, then run `chkdsk W: /f` in the rescue Windows.");
    }
    add(link, LinkVerdict::good, target_, "Windows' volume can be read");
  }

  void windows_files() {
    constexpr auto link = BootLink::windows_files;
    for (const auto& windows : target_.disk->facts.windows) {
      if (windows.partition == target_.partition->number && names_folder(entry_->folder, windows.folder)) {
        windows_ = &windows;
      }
    }
    if (windows_ == nullptr) {
      return add(link, LinkVerdict::broken, target_,
                 fmt::format("there is no Windows in the entry's folder {}", entry_->folder),
                 "Look for the folder in the rescue Windows: it was deleted, renamed, or is on another volume.");
    }
    auto missing = windows_->missing_files;
    if (!(uefi_ ? windows_->uefi_loader : windows_->bios_loader)) {
      missing.emplace_back(uefi_ ? "System32/winload.efi" : "System32/winload.exe");
    }
    if (!missing.empty()) {
      return add(
          link, LinkVerdict::broken, target_,
          fmt::format("files that Windows starts with are missing or empty: {}", fmt::join(missing, ", ")),
          "Programs can be restored: sfc /scannow /offbootdir=W:\\ /offwindir=W:\\Windows. A registry comes from a "
          "backup or a shadow copy.");
    }
    add(link, LinkVerdict::good, target_, "loader and kernel are there");
  }

  void windows_registry() {
    constexpr auto link = BootLink::windows_registry;
    if (!windows_->damaged_hives.empty()) {
      return add(
          link, LinkVerdict::broken, target_,
          fmt::format("the registry can't be read: {} (0xc000014c, 0xc0000218)",
                      fmt::join(windows_->damaged_hives, ", ")),
          "Keep copies of the damaged files and of their .LOG1 and .LOG2. Older ones may be in a shadow copy, or in "
          "System32\\config\\RegBack, where newer Windows have empty files only.");
    }
    if (!windows_->compressed_hives.empty()) {
      return add(link, LinkVerdict::broken, target_,
                 fmt::format("the registry is compressed, and Windows can't start from it: {}",
                             fmt::join(windows_->compressed_hives, ", ")),
                 "Decompress these files in the rescue Windows: compact /u /exe.");
    }
    if (!windows_->dirty_hives.empty()) {
      return add(link, LinkVerdict::suspect, target_,
                 fmt::format("the registry was not written completely: {}", fmt::join(windows_->dirty_hives, ", ")),
                 "Windows completes it from its logs when it starts. Load it once in the rescue Windows: reg load.");
    }
    add(link, LinkVerdict::good, target_, "the registry can be read");
  }

  void windows_state() {
    constexpr auto link = BootLink::windows_state;
    if (windows_->update_pending) {
      return add(
          link, LinkVerdict::suspect, target_, "an update of Windows finishes at the next start",
          "If Windows does not start since then, undo it: dism /Image:W:\\ /Cleanup-Image /RevertPendingActions");
    }
    if (!windows_->crash_dumps.empty()) {
      return add(link, LinkVerdict::suspect, target_,
                 fmt::format("Windows has crashed at some time: {}", fmt::join(windows_->crash_dumps, ", ")),
                 "Look at the time and the stop code of the latest dump.");
    }
    add(link, LinkVerdict::good, target_,
        "nothing is broken up to Windows' kernel: look at the screen for a stop code, at boot drivers, and at the "
        "firmware's boot order");
  }

  const std::vector<InspectedDisk>& disks_;
  bool uefi_;  ///< of the chain that is followed
  std::vector<BootCheck> checks_;
  const BootFiles* files_ = nullptr;
  const BootEntry* entry_ = nullptr;
  const WindowsInstallation* windows_ = nullptr;
  Place system_;
  Place target_;
};

}  // namespace

std::vector<BootCheck> boot_chain(const std::vector<InspectedDisk>& disks, bool uefi) {
  return Chain(disks, uefi).follow();
}

}  // namespace rescue::domain
