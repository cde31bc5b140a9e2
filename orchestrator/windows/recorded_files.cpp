// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/recorded_files.hpp"

#include "core/clock.hpp"
#include "core/printable.hpp"
#include "core/sha256.hpp"

#include <array>
#include <chrono>

namespace rescue::windows_disk {
namespace {

using domain::FileRecord;
using domain::VolumeRecord;

constexpr std::uint64_t largest_digested = 8U << 20U;
constexpr std::size_t longest_path = 500;
constexpr std::size_t most_in_root = 200;
constexpr std::size_t most_windows = 4;
constexpr int deepest_folder = 8;

/// Below the folder of a Windows: registry, loaders, kernel, names of hosts, and the programs of the login screen,
/// which whoever is locked out replaces.
constexpr std::array<const char*, 18> files_of_windows{
    "System32/config/SYSTEM",   "System32/config/SOFTWARE", "System32/config/SAM",
    "System32/config/SECURITY", "System32/config/DEFAULT",  "System32/winload.efi",
    "System32/winload.exe",     "System32/ntoskrnl.exe",    "System32/hal.dll",
    "System32/smss.exe",        "System32/winlogon.exe",    "System32/drivers/etc/hosts",
    "System32/sethc.exe",       "System32/utilman.exe",     "System32/osk.exe",
    "System32/Magnify.exe",     "System32/Narrator.exe",    "System32/GroupPolicy/Machine/Registry.pol"};
/// Beside it: access by OpenSSH.
constexpr std::array<const char*, 2> files_beside_windows{"ProgramData/ssh/sshd_config",
                                                          "ProgramData/ssh/administrators_authorized_keys"};

/// False: the list is full.
bool add(VolumeRecord& record, RecordingBudget& budget, FileRecord file) {
  if (budget.files == 0) {
    record.files_cut = true;
    return false;
  }
  --budget.files;
  file.path = printable(file.path, longest_path);
  record.files.push_back(std::move(file));
  return true;
}

/// Takes from the budget what the file's digest costs.
bool may_be_digested(std::uint64_t bytes, RecordingBudget& budget) {
  if (bytes > largest_digested || bytes > budget.bytes) return false;
  budget.bytes -= bytes;
  return true;
}

void add_folder(const disk::FatVolume& volume, const std::string& folder, int depth, VolumeRecord& record,
                RecordingBudget& budget) {
  if (depth > deepest_folder || budget.folders == 0) {
    record.files_cut = true;
    return;
  }
  --budget.folders;
  for (const auto& item : volume.items_in(folder)) {
    auto path = folder.empty() ? item.name : folder + "/" + item.name;
    if (path.size() > longest_path) {
      record.files_cut = true;
    } else if (item.folder) {
      add_folder(volume, path, depth + 1, record, budget);
    } else {
      FileRecord file{path, item.bytes};
      if (may_be_digested(item.bytes, budget)) {
        const auto content = volume.read(path, largest_digested);
        if (content) file.sha256 = sha256_hex(*content);
      }
      if (!add(record, budget, std::move(file))) return;
    }
    if (record.files_cut && budget.files == 0) return;
  }
}

/// Empty for a time that no clock has had.
std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t year_2200 = 7'258'118'400;
  if (seconds < 0 || seconds > year_2200) return "";
  return rfc3339(WallTime(std::chrono::seconds(seconds)));
}

/// Does nothing if there is no such file.
void add_file(const disk::NtfsVolume& volume, const std::string& path, VolumeRecord& record, RecordingBudget& budget) {
  const auto state = volume.state("/" + path);
  if (!state || state->folder) return;
  FileRecord file{path, state->bytes, {}, time_text(state->modified)};
  if (!state->wof_compressed && may_be_digested(state->bytes, budget)) {
    const auto content = volume.read("/" + path, largest_digested);
    if (content) file.sha256 = sha256_hex(*content);
  }
  (void)add(record, budget, std::move(file));
}

bool is_folder(const disk::NtfsVolume& volume, const std::string& path) {
  const auto state = volume.state(path);
  return state && state->folder;
}

}  // namespace

void record_files(const disk::FatVolume& volume, VolumeRecord& record, RecordingBudget& budget) {
  add_folder(volume, "", 0, record, budget);
}

void record_files(const disk::NtfsVolume& volume, VolumeRecord& record, RecordingBudget& budget) {
  std::size_t in_root = 0;
  std::size_t windows = 0;
  for (const auto& name : volume.names_in("/")) {
    if (name.starts_with('$') || name == "." || name == "..") continue;  // NTFS' own
    if (is_folder(volume, "/" + name)) {
      if (windows >= most_windows || !is_folder(volume, "/" + name + "/System32/config")) continue;
      ++windows;
      for (const auto* const file : files_of_windows) add_file(volume, name + "/" + file, record, budget);
    } else if (++in_root <= most_in_root) {
      add_file(volume, name, record, budget);
    } else {
      record.files_cut = true;
    }
  }
  if (windows > 0) {
    for (const auto* const file : files_beside_windows) add_file(volume, file, record, budget);
  }
  for (const auto& name : volume.names_in("/Boot")) {
    if (name != "." && name != "..") add_file(volume, "Boot/" + name, record, budget);
  }
}

}  // namespace rescue::windows_disk
