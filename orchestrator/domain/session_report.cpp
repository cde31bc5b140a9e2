// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/session_report.hpp"

#include "core/base64.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "orchestrator/domain/boot_store_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace rescue::domain {
namespace {

constexpr std::size_t longest_change = 600;
constexpr std::size_t most_changes = 200;
constexpr std::size_t most_unknowns = 40;
constexpr std::size_t most_files_of_a_kind = 20;

/// Adds changes of one disk, or of one partition of it.
class Place {
public:
  Place(SessionReport& report, std::string disk, unsigned partition = 0)
      : report_(report), disk_(std::move(disk)), partition_(partition) {}
  void add(ChangeCode code, std::string text) const { report_.add({code, disk_, partition_, std::move(text)}); }
  void add_unknown(const std::string& text) const {
    report_.add_unknown(partition_ == 0 ? fmt::format("{}: {}", disk_, text)
                                        : fmt::format("{}, partition {}: {}", disk_, partition_, text));
  }
  [[nodiscard]] Place partition(unsigned number) const { return {report_, disk_, number}; }

private:
  SessionReport& report_;
  std::string disk_;
  unsigned partition_;
};

std::string size_words(std::uint64_t bytes) {
  constexpr std::uint64_t kilobyte = 1'000;
  constexpr double megabyte = 1e6;
  constexpr double gigabyte = 1e9;
  if (bytes < kilobyte) return fmt::format("{} bytes", bytes);
  const auto size = static_cast<double>(bytes);
  if (size < megabyte) return fmt::format("{:.1f} kB", size / static_cast<double>(kilobyte));
  return size < gigabyte ? fmt::format("{:.1f} MB", size / megabyte) : fmt::format("{:.1f} GB", size / gigabyte);
}

std::string quoted(const std::string& text) { return text.empty() ? "none" : "'" + text + "'"; }

std::string filesystem_words(const std::string& name) {
  if (name.empty()) return "no file system of Windows";
  if (name == "bitlocker") return "encrypted by BitLocker";
  if (name == "refs") return "ReFS";
  return name == "ntfs" ? "NTFS" : name == "fat" ? "FAT" : name;
}

bool is_same_file(const FileRecord& left, const FileRecord& right) {
  if (left.bytes != right.bytes) return false;
  if (!left.sha256.empty() && !right.sha256.empty()) return left.sha256 == right.sha256;
  return left.modified == right.modified;
}

std::string file_change_text(const FileRecord& before, const FileRecord& after) {
  const auto* const verb = lower_case(after.path).ends_with(".efi") ? "replaced" : "changed";
  if (before.bytes == after.bytes) return fmt::format("{} was {}", after.path, verb);
  return fmt::format("{} was {}: {} before, {} now", after.path, verb, size_words(before.bytes),
                     size_words(after.bytes));
}

/// Adds the first of some changes, and the number of the rest.
class FileChanges {
public:
  FileChanges(const Place& place, ChangeCode code, const char* verb) : place_(place), code_(code), verb_(verb) {}
  FileChanges(const FileChanges&) = delete;
  FileChanges& operator=(const FileChanges&) = delete;
  ~FileChanges() = default;
  void add(std::string text) {
    if (++count_ <= most_files_of_a_kind) place_.add(code_, std::move(text));
  }
  void end() const {
    if (count_ <= most_files_of_a_kind) return;
    place_.add(code_, fmt::format("{} more files were {}", count_ - most_files_of_a_kind, verb_));
  }

private:
  const Place& place_;
  ChangeCode code_;
  const char* verb_;
  std::size_t count_ = 0;
};

/// Paths are compared as Windows does.
std::map<std::string, const FileRecord*> by_path(const std::vector<FileRecord>& files) {
  std::map<std::string, const FileRecord*> map;
  for (const auto& file : files) map.emplace(lower_case(file.path), &file);
  return map;
}

void compare_files(const VolumeRecord& before, const VolumeRecord& after, const Place& place) {
  const auto old_files = by_path(before.files);
  const auto new_files = by_path(after.files);
  // Its entries are compared; the logs of the hive say nothing more.
  const auto is_of_store = [&](const std::string& path) {
    const auto store = lower_case(after.store.empty() ? before.store : after.store);
    return !store.empty() && path.starts_with(store);
  };
  FileChanges changed(place, ChangeCode::file_changed, "changed");
  FileChanges added(place, ChangeCode::file_added, "added");
  FileChanges removed(place, ChangeCode::file_removed, "removed");
  for (const auto& [path, file] : old_files) {
    if (is_of_store(path)) continue;
    const auto found = new_files.find(path);
    if (found == new_files.end()) {
      if (!after.files_cut) removed.add(fmt::format("{} was removed", file->path));
    } else if (!is_same_file(*file, *found->second)) {
      changed.add(file_change_text(*file, *found->second));
    }
  }
  for (const auto& [path, file] : new_files) {
    if (is_of_store(path) || before.files_cut || old_files.contains(path)) continue;
    added.add(fmt::format("{} was added, {}", file->path, size_words(file->bytes)));
  }
  changed.end();
  added.end();
  removed.end();
  if (before.files_cut || after.files_cut) place.add_unknown("there are more files than were compared");
}

void compare_stores(const VolumeRecord& before, const VolumeRecord& after, const Place& place) {
  const auto changed = [&](const char* what) {
    place.add(ChangeCode::boot_configuration, fmt::format("the boot configuration (BCD) {}", what));
  };
  if (before.store.empty() && after.store.empty()) return;
  if (before.store.empty()) return changed("was created");
  if (after.store.empty()) return changed("was removed: Windows can't start from here");
  const bool was_readable = before.store_problem.empty();
  const bool is_readable = after.store_problem.empty();
  if (was_readable != is_readable) {
    return changed(is_readable ? "was damaged, and can be read now" : "is damaged now: Windows can't start from here");
  }
  if (!is_readable) return place.add_unknown("the boot configuration is damaged, its entries are not compared");
  for (auto& change : boot_store_changes(before.objects, after.objects)) place.add(change.code, std::move(change.text));
}

void compare_contents(const VolumeRecord& before, const VolumeRecord& after, const Place& place) {
  if (before.filesystem != after.filesystem) {
    return place.add(ChangeCode::filesystem,
                     fmt::format("it was {}, and is {} now", filesystem_words(before.filesystem),
                                 filesystem_words(after.filesystem)));
  }
  if (before.boot_sector != after.boot_sector) place.add(ChangeCode::boot_sector, "its boot sector was changed");
  if (before.problem.empty() != after.problem.empty()) {
    return place.add(ChangeCode::filesystem, after.problem.empty()
                                                 ? "its files can be read now, and could not before"
                                                 : "its files can't be read any more: " + after.problem);
  }
  if (!after.problem.empty()) return place.add_unknown("its files are not compared: " + after.problem);
  compare_stores(before, after, place);
  compare_files(before, after, place);
}

void compare_entries(const VolumeRecord& before, const VolumeRecord& after, const Place& place) {
  const auto changed = [&](const std::string& what) { place.add(ChangeCode::partition_changed, what); };
  if (before.number != after.number) changed(fmt::format("it was partition {} before", before.number));
  if (before.start != after.start) {
    changed(fmt::format("it was moved: its first byte was {} and is {}", before.start, after.start));
  }
  if (before.bytes != after.bytes) {
    changed(fmt::format("its size changed from {} to {}", size_words(before.bytes), size_words(after.bytes)));
  }
  if (before.type != after.type) changed(fmt::format("its type changed from {} to {}", before.type, after.type));
  if (before.name != after.name) {
    changed(fmt::format("its name changed from {} to {}", quoted(before.name), quoted(after.name)));
  }
  if (before.active != after.active) {
    changed(after.active ? "it is active now: a BIOS starts from it"
                         : "it is no longer active: a BIOS does not start from it");
  }
  if (before.id != after.id) {
    place.add(
        ChangeCode::partition_id,
        fmt::format("its GUID changed from {} to {}: entries of the boot configuration and drive letters that name it "
                    "no longer find it",
                    before.id, after.id));
  }
}

/// The same partition after the session: by its GUID, else by its place.
const VolumeRecord* counterpart(const VolumeRecord& before, const std::vector<VolumeRecord>& after) {
  const auto find = [&](auto matches) -> const VolumeRecord* {
    const auto found = std::find_if(after.begin(), after.end(), matches);
    return found == after.end() ? nullptr : &*found;
  };
  if (!before.id.empty()) {
    // Copies of a disk have two partitions of one GUID.
    const auto* const same = find([&](const auto& one) { return one.id == before.id && one.start == before.start; });
    if (same != nullptr) return same;
    if (const auto* moved = find([&](const auto& one) { return one.id == before.id; })) return moved;
  }
  return find([&](const auto& one) { return one.start == before.start; });
}

void compare_partitions(const DiskSnapshot& before, const DiskSnapshot& after, const Place& place) {
  std::vector<const VolumeRecord*> met;
  for (const auto& volume : before.volumes) {
    const auto* const now = counterpart(volume, after.volumes);
    if (now == nullptr || std::find(met.begin(), met.end(), now) != met.end()) {
      place.partition(volume.number)
          .add(ChangeCode::partition_removed,
               fmt::format("the partition was removed ({}, {})", size_words(volume.bytes),
                           filesystem_words(volume.filesystem)));
      continue;
    }
    met.push_back(now);
    compare_entries(volume, *now, place.partition(now->number));
    compare_contents(volume, *now, place.partition(now->number));
  }
  for (const auto& volume : after.volumes) {
    if (std::find(met.begin(), met.end(), &volume) != met.end()) continue;
    place.partition(volume.number)
        .add(ChangeCode::partition_added, fmt::format("the partition was added ({}, {})", size_words(volume.bytes),
                                                      filesystem_words(volume.filesystem)));
  }
}

const RegionRecord* region_of(const DiskSnapshot& snapshot, const char* name) {
  const auto found = std::find_if(snapshot.regions.begin(), snapshot.regions.end(),
                                  [&](const RegionRecord& region) { return region.name == name; });
  return found == snapshot.regions.end() ? nullptr : &*found;
}

std::string boot_code_of(const RegionRecord& mbr) {
  constexpr std::size_t boot_code = 440;  // then the signature and the table
  return bytes_of_base64(mbr.copy).value_or("").substr(0, boot_code);
}

/// `named`: other changes say already that the table differs.
void compare_tables(const DiskSnapshot& before, const DiskSnapshot& after, bool named, const Place& place) {
  const auto* const old_mbr = region_of(before, "mbr");
  const auto* const new_mbr = region_of(after, "mbr");
  if (old_mbr != nullptr && new_mbr != nullptr && old_mbr->sha256 != new_mbr->sha256) {
    if (boot_code_of(*old_mbr) != boot_code_of(*new_mbr)) {
      place.add(ChangeCode::table_bytes, "the boot code in the first sector was changed");
    } else if (!named) {
      place.add(ChangeCode::table_bytes, "the table in the first sector was changed");
    }
  }
  for (const auto& [name, words] : {std::pair{"primary-gpt", "first"}, std::pair{"backup-gpt", "second"}}) {
    const auto* const was = region_of(before, name);
    const auto* const is = region_of(after, name);
    if (was != nullptr && is == nullptr) {
      place.add(ChangeCode::table_copy_lost, fmt::format("the {} copy of the partition table is gone", words));
    } else if (was == nullptr && is != nullptr && before.table == "gpt") {
      place.add(ChangeCode::table_bytes, fmt::format("the {} copy of the partition table was written anew", words));
    } else if (was != nullptr && is != nullptr && was->sha256 != is->sha256 && !named) {
      place.add(ChangeCode::table_bytes,
                fmt::format("the {} copy of the partition table was changed, but no partition", words));
    }
  }
  const auto* const old_database = region_of(before, "ldm");
  const auto* const new_database = region_of(after, "ldm");
  if (old_database != nullptr && new_database != nullptr && old_database->sha256 != new_database->sha256) {
    place.add(ChangeCode::dynamic_disk, "the database of dynamic disks was changed");
  }
}

std::string table_words(const std::string& kind) {
  return kind == "gpt" ? "a GPT" : kind == "mbr" ? "an MBR" : "no partition table";
}

}  // namespace

void SessionReport::add(Change change) {
  if (changes.size() >= most_changes) {
    ++left_out;
    return;
  }
  change.text = printable(change.text, longest_change);
  changes.push_back(std::move(change));
}

void SessionReport::add_unknown(std::string text) {
  text = printable(text, longest_change);
  if (unknown.size() < most_unknowns && std::find(unknown.begin(), unknown.end(), text) == unknown.end()) {
    unknown.push_back(std::move(text));
  }
}

void compare(const DiskSnapshot& before, const DiskSnapshot& after, SessionReport& report) {
  const Place place(report, before.path);
  if (!before.problem.empty()) return place.add_unknown("could not be recorded before the session: " + before.problem);
  if (!after.problem.empty()) return place.add_unknown("could not be recorded after the session: " + after.problem);
  const auto so_far = report.changes.size();
  if (before.table != after.table) {
    place.add(ChangeCode::table_kind,
              fmt::format("the disk had {}, and has {} now", table_words(before.table), table_words(after.table)));
    if (after.table == "none") return;  // every partition is gone
  } else if (before.id != after.id) {
    place.add(
        ChangeCode::disk_id,
        fmt::format("the disk's {} changed from {} to {}: entries of the boot configuration that name it no longer "
                    "find it",
                    before.table == "gpt" ? "GUID" : "signature", before.id, after.id));
  }
  compare_partitions(before, after, place);
  const bool named =
      std::any_of(report.changes.begin() + static_cast<std::ptrdiff_t>(std::min(so_far, report.changes.size())),
                  report.changes.end(), [](const Change& change) {
                    return change.code <= ChangeCode::partition_id;  // the codes of a table come first
                  });
  compare_tables(before, after, named || report.left_out > 0, place);
}

void compare(const std::vector<DiskSnapshot>& before, const std::vector<DiskSnapshot>& after, SessionReport& report) {
  for (const auto& disk : before) {
    const auto found =
        std::find_if(after.begin(), after.end(), [&](const DiskSnapshot& one) { return one.path == disk.path; });
    if (found == after.end()) {
      report.add_unknown(fmt::format("{}: the disk was not there at the end of the session", disk.path));
    } else {
      compare(disk, *found, report);
    }
  }
}

void compare(const FirmwareSnapshot& before, const FirmwareSnapshot& after, SessionReport& report) {
  for (const auto* const snapshot : {&before, &after}) {
    if (snapshot->problem.empty()) continue;
    return report.add_unknown("the firmware's variables could not be recorded: " + snapshot->problem);
  }
  std::map<std::string, const FirmwareVariable*> now;
  for (const auto& variable : after.variables) now.emplace(variable.name, &variable);
  const auto changed = [&](std::string text) { report.add({ChangeCode::firmware, "", 0, std::move(text)}); };
  for (const auto& variable : before.variables) {
    const auto found = now.find(variable.name);
    if (found == now.end()) {
      changed(fmt::format("the firmware's {} was removed; it was {}", variable.name, variable.value));
      continue;
    }
    if (found->second->sha256 != variable.sha256) {
      changed(
          fmt::format("the firmware's {} changed from {} to {}", variable.name, variable.value,
                      found->second->value == variable.value ? "the same name with other data" : found->second->value));
    }
    now.erase(found);
  }
  for (const auto& [name, variable] : now) {
    changed(fmt::format("the firmware's {} was added: {}", name, variable->value));
  }
}

}  // namespace rescue::domain
