// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/findings.hpp"

#include "orchestrator/domain/bitlocker_findings.hpp"
#include "orchestrator/domain/dynamic_findings.hpp"
#include "orchestrator/domain/raid_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::domain {
namespace {

/// Adds findings of one disk.
class DiskFindings {
public:
  DiskFindings(const InspectedDisk& disk, std::vector<Finding>& into) : disk_(disk), facts_(disk.facts), into_(into) {}

  void add_all() {
    if (!disk_.problem.empty()) {
      return add("not-inspected", Severity::warning, 0, "could not be inspected: " + disk_.problem,
                 "Look at the disk's health, and at the server's log: rescuectl logs.");
    }
    add_of_table();
    add_of_content(facts_.content, 0);
    for (const auto& partition : facts_.partitions) add_of_partition(partition);
    for (const auto& windows : facts_.windows) add_of_windows(windows);
  }

private:
  void add(const char* code, Severity severity, unsigned partition, std::string text, std::string remedy) {
    into_.push_back({code, severity, disk_.path, partition, std::move(text), std::move(remedy)});
  }

  void add_of_table() {
    if (facts_.table == TableKind::gpt) return add_of_gpt();
    if (facts_.table == TableKind::none) return add_without_table();
    if (facts_.primary_gpt == GptCopy::good || facts_.backup_gpt == GptCopy::good) {
      add("gpt-remnant", Severity::info, 0,
          "beside its partition table (MBR) the disk has a copy of another one (GPT), which is probably older",
          "Do not restore it.");
    }
  }

  void add_of_gpt() {
    if (facts_.primary_gpt != GptCopy::good) {
      add("gpt-primary-damaged", Severity::danger, 0,
          "the first copy of the partition table is damaged: the firmware may not find Windows",
          "The second copy is good. Change nothing on the disk before the first copy is written again from it.");
    } else if (facts_.backup_gpt != GptCopy::good) {
      add("gpt-backup-damaged", Severity::warning, 0, "the second copy of the partition table is damaged or missing",
          "Everything works with the first copy. Save the files that matter, then have the second copy written again.");
    }
    if (facts_.beyond_end) {
      add_beyond_end();
    } else if (!facts_.backup_at_end) {
      add("gpt-not-at-end", Severity::info, 0,
          "the disk is larger than its partition table says: it or its RAID volume was enlarged, or the disk is a copy "
          "of a smaller one",
          "");
    }
    if (facts_.hybrid) {
      add("hybrid-mbr", Severity::warning, 0, "the disk has two partition tables that may disagree (hybrid MBR)",
          "Windows reads the MBR and other systems the GPT. Do not change partitions with Windows' tools.");
    }
  }

  void add_beyond_end() {
    add("gpt-beyond-end", Severity::danger, 0,
        "the disk is smaller than its partition table says: the end of its last partitions is not there",
        "Do not let any tool repair the table: it would cut partitions off. Is it a copy of a larger disk, or a RAID "
        "volume that lost a part?");
  }

  void add_without_table() {
    const bool good = facts_.primary_gpt == GptCopy::good || facts_.backup_gpt == GptCopy::good;
    const bool damaged = facts_.primary_gpt == GptCopy::damaged || facts_.backup_gpt == GptCopy::damaged;
    if (facts_.beyond_end) {
      add_beyond_end();
    } else if (good) {
      add("mbr-lost", Severity::danger, 0,
          "the first sector of the disk was overwritten; the partition table (GPT) is still there, in at least one "
          "good "
          "copy",
          "Do not initialize the disk. The table can be made usable again: copy the disk first, then gdisk writes it "
          "with a new first sector.");
    } else if (damaged || facts_.protective_mbr) {
      add("gpt-damaged", Severity::danger, 0, "both copies of the partition table are damaged or missing",
          "Write nothing to this disk. Its partitions can be searched for and the table made again.");
    } else if (facts_.content == Content::unknown) {
      add("no-table", Severity::warning, 0, "the disk has no partition table and no file system that is known",
          "It may be new, wiped, encrypted by other means, or a member of a hardware RAID. Do not initialize it.");
    }
  }

  void add_of_content(Content content, unsigned partition) {
    if (content == Content::firmware_raid && !facts_.raid) {
      add("firmware-raid", Severity::danger, partition, "is a member of a mirror or stripe that the firmware keeps",
          "Never write to a member on its own: the firmware may copy the other half over it.");
    } else if (content == Content::ldm && !facts_.dynamic) {
      add("dynamic-disk", Severity::warning, partition, "belongs to a Windows dynamic disk",
          "Importing it in the rescue Windows changes its database, and may start to copy one half of a mirror over "
          "the "
          "other. Copy the disks first, and import only if all disks of its group are there.");
    } else if (content == Content::storage_spaces) {
      add("storage-spaces", Severity::warning, partition, "belongs to a pool of Windows Storage Spaces",
          "All members must be given to the rescue Windows together.");
    }
  }

  void add_of_partition(const PartitionFacts& partition) {
    if (partition.content == Content::bitlocker) add_bitlocker_findings(disk_.path, partition, into_);
    // A disk without a table is its own partition.
    if (partition.number != 0) add_of_content(partition.content, partition.number);
    if (partition.content == Content::refs) {
      add("refs", Severity::warning, partition.number,
          fmt::format("is a ReFS volume of version {}", partition.content_name),
          "A newer Windows upgrades it for ever when it writes to it, and an older one can't open it. Use a rescue "
          "image of the same Windows version as the server's.");
    }
    if (partition.ntfs) add_of_ntfs(*partition.ntfs, partition.number);
  }

  void add_of_ntfs(const NtfsState& ntfs, unsigned partition) {
    if (!ntfs.problem.empty()) {
      add("ntfs-unreadable", Severity::danger, partition, ntfs.problem,
          "Copy the disk or the files before anything is repaired. `chkdsk W:` without options only looks.");
    }
    if (ntfs.hibernated) {
      add("hibernated", Severity::danger, partition,
          "holds a Windows that sleeps, or that was stopped by fast startup: files that are written now are lost, or "
          "damage the volume, when it wakes",
          "Read files only; or give the sleeping Windows up and delete W:\\hiberfil.sys: programs that were open lose "
          "what was not saved.");
    }
    if (ntfs.dirty) {
      add("dirty", Severity::warning, partition, "Windows marked the volume to be checked",
          ntfs.hibernated ? "Decide about the sleeping Windows first."
                          : "Save the files that matter, then run `chkdsk W: /f` in the rescue Windows.");
    }
    if (ntfs.journal_unclean && !ntfs.hibernated) {
      add("journal-unclean", Severity::info, partition,
          "was not unmounted: the last changes are in its journal, which Windows replays when it opens the volume", "");
    }
  }

  void add_of_windows(const WindowsInstallation& windows) {
    const auto number = windows.partition;
    if (!windows.damaged_hives.empty()) {
      add("hive-damaged", Severity::danger, number,
          fmt::format("the registry of {} can't be read: {}", windows.folder, fmt::join(windows.damaged_hives, ", ")),
          "Windows does not start with it. Keep copies of the damaged files and of their .LOG1 and .LOG2. Older ones "
          "may "
          "be in a shadow copy, or in System32\\config\\RegBack, where newer Windows have empty files only.");
    }
    if (!windows.compressed_hives.empty()) {
      add("hive-compressed", Severity::warning, number,
          fmt::format("the registry of {} is compressed (CompactOS), and was not read: {}", windows.folder,
                      fmt::join(windows.compressed_hives, ", ")),
          "Windows does not start from a compressed registry. In the rescue Windows: compact /u /exe on these files.");
    }
    if (!windows.dirty_hives.empty()) {
      add("hive-dirty", Severity::warning, number,
          fmt::format("the registry of {} was not written completely: {}", windows.folder,
                      fmt::join(windows.dirty_hives, ", ")),
          "What is missing is in the files .LOG1 and .LOG2 beside it. Let Windows itself load it once (reg load) "
          "before it is changed by other tools.");
    }
    if (windows.role == WindowsRole::domain_controller) {
      add("domain-controller", Severity::info, number, fmt::format("{} is a domain controller", named(windows)),
          "Its accounts are those of the domain. The local account database holds only the password of the "
          "directory's restore mode.");
    }
    if (windows.update_pending) {
      add("update-pending", Severity::info, number, "an update of Windows finishes at the next start",
          "If Windows does not start since then, the update can be undone: dism /Image:W:\\ /Cleanup-Image "
          "/RevertPendingActions");
    }
    if (!windows.crash_dumps.empty()) {
      add("crash-dumps", Severity::info, number,
          fmt::format("Windows has crashed: {}", fmt::join(windows.crash_dumps, ", ")), "");
    }
  }

  static std::string named(const WindowsInstallation& windows) {
    return windows.computer_name.empty() ? windows.folder : windows.computer_name;
  }

  const InspectedDisk& disk_;
  const DiskFacts& facts_;
  std::vector<Finding>& into_;
};

void add_of_clones(const std::vector<InspectedDisk>& disks, const InspectedDisk& disk, std::vector<Finding>& into) {
  if (disk.facts.id.empty()) return;
  std::vector<std::string> others;
  for (const auto& other : disks) {
    if (other.path != disk.path && other.facts.id == disk.facts.id) others.push_back(other.path);
  }
  if (others.empty()) return;
  into.push_back(
      {"same-identity", Severity::danger, disk.path, 0,
       fmt::format("has the same identity as {}: one is a copy of the other", fmt::join(others, ", ")),
       "Windows takes one of them offline, and gives it another identity when it is set online; a Windows on "
       "it may not start then. Leave one of them out of the session: disks.exclude."});
}

void add_without_windows(const std::vector<InspectedDisk>& disks, std::vector<Finding>& into) {
  const bool found =
      std::any_of(disks.begin(), disks.end(), [](const auto& disk) { return !disk.facts.windows.empty(); });
  if (found || disks.empty()) return;
  into.push_back({"no-windows", Severity::warning, "", 0, "no Windows was found on any disk",
                  "It may be on an encrypted or damaged volume, on a dynamic disk, or on a disk that is missing."});
}

}  // namespace

std::vector<Finding> findings_of(const std::vector<InspectedDisk>& disks) {
  std::vector<Finding> all;
  for (const auto& disk : disks) {
    std::vector<Finding> own;
    DiskFindings(disk, own).add_all();
    add_of_clones(disks, disk, own);
    add_dynamic_findings(disks, disk, own);
    add_raid_findings(disks, disk, own);
    std::stable_sort(own.begin(), own.end(),
                     [](const Finding& one, const Finding& two) { return one.severity > two.severity; });
    std::move(own.begin(), own.end(), std::back_inserter(all));
  }
  add_without_windows(disks, all);
  return all;
}

}  // namespace rescue::domain
