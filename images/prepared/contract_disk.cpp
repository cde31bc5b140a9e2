// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/contract_points.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;

/// Types of a recovery partition: GPT, and MBR.
constexpr std::string_view gpt_recovery = "de94bba4-06d1-4d40-a16a-bfd50179d6ac";
constexpr std::string_view mbr_recovery = "0x27";
constexpr const char* shut_down =
    "Start the image, run `shutdown /s /t 0` (not from a paused state), and wait until it is off.";

bool has_type(const Json& partition, std::string_view type) { return partition.value("type", "") == type; }

Point boot_partition(const GuestFacts& facts) {
  const bool gpt = facts.table() == "gpt";
  unsigned found = 0;
  for (const auto& partition : facts.partitions()) {
    const bool boots = gpt ? has_type(partition, gpt_efi_system) && partition.value("filesystem", "") == "fat"
                           : partition.value("active", false);
    if (boots) ++found;
  }
  return {"boot-partition", gpt ? "there is one EFI system partition" : "there is one active partition", found == 1,
          fmt::format("{} found", found),
          gpt ? "Keep one EFI system partition with FAT32; `bcdboot C:\\Windows /s S: /f UEFI` fills it."
              : "Mark one partition as active: diskpart, `select partition N`, `active`."};
}

Point no_recovery(const GuestFacts& facts) {
  std::string found = "none";
  for (const auto& partition : facts.partitions()) {
    if (!has_type(partition, gpt_recovery) && !has_type(partition, mbr_recovery)) continue;
    found = fmt::format("partition {}", partition.value("number", 0));
  }
  return {"no-recovery-partition", "there is no recovery partition", found == "none", found,
          "Run `reagentc /disable`, then delete the partition: diskpart, `delete partition override`."};
}

Point one_windows(const GuestFacts& facts) {
  const auto& installations = facts.installations();
  Point point{"one-windows", "there is one Windows", installations.size() == 1,
              installations.empty() ? "none" : fmt::format("{}", fmt::join(installations, ", ")),
              "Prepare a disk with one Windows, and nothing else."};
  for (const auto& partition : facts.partitions()) {
    const auto number = partition.value("number", 0);
    if (partition.value("filesystem", "") == "bitlocker") {
      point.found += fmt::format("; partition {} is encrypted by BitLocker", number);
      point.remedy = "Decrypt it in the image: `manage-bde -off C:`, and wait until `manage-bde -status` says so.";
    }
    const auto volume = partition.value("volume", Json::object());
    if (volume.contains("error")) {
      point.found += fmt::format("; partition {}: {}", number, volume.value("error", ""));
      point.remedy = "Start the image once, run `chkdsk C: /f`, and shut it down; or copy the file again.";
    }
  }
  return point;
}

Point hive_point(const GuestFacts& facts, const std::string& name) {
  const auto hives = facts.windows().value("hives", Json::object());
  const auto hive = hives.value(name, Json::object());
  Point point{"hive-clean-" + name, fmt::format("the registry file {} is complete", name), false, "complete",
              shut_down};
  if (hive.contains("error")) {
    point.found = hive.value("error", "");
  } else if (hive.value("dirty", true)) {
    point.found = "its last changes are in its log only";
  } else {
    point.kept = true;
  }
  return point;
}

}  // namespace

Points disk_points(const GuestFacts& facts) {
  const auto table = facts.table();
  Points points{{"partition-table", "the disk has a partition table", table != "none", table,
                 "Export the whole disk of the virtual machine, not a single volume."}};
  if (table == "none") return points;
  points.push_back(boot_partition(facts));
  points.push_back(no_recovery(facts));
  points.push_back(one_windows(facts));
  return points;
}

Points volume_points(const GuestFacts& facts) {
  const auto& volume = facts.volume();
  const bool dirty = volume.value("dirty", true);
  const bool unclean = volume.value("journal_unclean", true);
  const bool hibernated = volume.value("hibernated", true);
  const bool file = volume.value("hibernation_file", true);
  Points points{{"volume-clean", "the volume of Windows is clean", !dirty, dirty ? "marked for a check" : "clean",
                 "Start the image, run `chkdsk C: /f`, restart it, and shut it down."},
                {"volume-unmounted", "the volume was unmounted", !unclean,
                 unclean ? "its journal has open changes" : "yes", shut_down},
                {"not-hibernated", "Windows is shut down, not hibernated", !hibernated,
                 hibernated ? "hibernated" : "shut down", "Run `powercfg /h off` in the image, and shut it down."},
                {"no-hibernation-file", "there is no hiberfil.sys", !file, file ? "it exists" : "none",
                 "Run `powercfg /h off` in the image, and shut it down."}};
  for (const char* name : {"SYSTEM", "SOFTWARE", "SAM"}) points.push_back(hive_point(facts, name));
  return points;
}

}  // namespace rescue::prepared
