// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's disks and their holder in memory, so that a session can be tested without block devices.

#include "core/error.hpp"
#include "orchestrator/ports/disks.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

/// A usable disk with realistic values: `fake_disk("sda", 1)` is /dev/sda with device 8:16.
inline domain::Disk fake_disk(const std::string& name, unsigned index = 0) {
  domain::Disk disk;
  disk.path = "/dev/" + name;
  disk.stable_path = "/dev/disk/by-id/fake-" + name;
  disk.device = "8:" + std::to_string(index * 16);
  disk.serial = "FAKE" + std::to_string(index);
  disk.vendor = "ATA";
  disk.model = "Fake Disk";
  disk.size_bytes = std::uint64_t{1} << 30;
  disk.transport = "sata";
  return disk;
}

/// Follows the rules as the real inventory does: lists excluded disks, and throws `config_invalid` for unknown ones.
class FakeDiskInventory final : public ports::DiskInventory {
public:
  domain::DiskSurvey present{{fake_disk("sda", 0), fake_disk("sdb", 1)}, {}};  ///< the server's disks
  std::optional<Error> failure;                                                ///< thrown by every survey while set
  int surveys = 0;

  domain::DiskSurvey survey(const domain::DiskRules& rules) override {
    ++surveys;
    if (failure) throw Error(*failure);
    for (const auto& path : rules.only) require("disks.only", path);
    for (const auto& path : rules.exclude) require("disks.exclude", path);
    domain::DiskSurvey found{{}, present.excluded};
    for (const auto& disk : present.usable) {
      if (!rules.only.empty() && !names(rules.only, disk)) {
        found.excluded.push_back({disk.path, domain::ExclusionReason::not_in_only, "disks.only does not name it"});
      } else if (names(rules.exclude, disk)) {
        found.excluded.push_back({disk.path, domain::ExclusionReason::excluded, "disks.exclude names it"});
      } else {
        found.usable.push_back(disk);
      }
    }
    return found;
  }

private:
  static bool names(const std::vector<std::string>& paths, const domain::Disk& disk) {
    return std::any_of(paths.begin(), paths.end(),
                       [&](const auto& path) { return path == disk.path || path == disk.stable_path; });
  }
  void require(const std::string& setting, const std::string& path) const {
    for (const auto& disk : present.usable) {
      if (names({path}, disk)) return;
    }
    for (const auto& disk : present.excluded) {
      if (disk.path == path) return;
    }
    throw Error(ErrorCode::config_invalid, setting + " names " + path + ", which is no disk of this server",
                "Name whole disks that exist, for example /dev/sda.");
  }
};

/// The holder process: to simulate a crash of rescued, keep the object and create the session again.
class FakeDiskClaims final : public ports::DiskClaims {
public:
  std::map<std::string, std::string> busy;  ///< path -> who takes it just before a claim ("/dev/sda1 is mounted on /x")
  std::map<std::string, domain::ExcludedDisk> troubled;  ///< path -> why it can't be held, or no longer be used
  std::optional<Error> release_failure;                  ///< thrown by every release of a held disk while set
  std::vector<std::string> release_problems;             ///< returned by every release of a held disk
  int claims = 0;
  int releases = 0;  ///< calls that released a disk

  void claim(const std::vector<domain::Disk>& disks) override {
    ++claims;
    std::vector<std::string> wanted;
    wanted.reserve(disks.size());
    for (const auto& disk : disks) wanted.push_back(disk.path);
    if (wanted == held_) return;
    held_.clear();
    for (const auto& path : wanted) {
      if (const auto who = busy.find(path); who != busy.end()) {
        throw Error(ErrorCode::disk, path + " is in use: " + who->second, "Free it, or name it in disks.exclude.");
      }
    }
    held_ = wanted;
  }

  std::vector<domain::ExcludedDisk> obstacles(const std::vector<domain::Disk>& disks) override {
    std::vector<domain::ExcludedDisk> found;
    for (const auto& disk : disks) {
      if (const auto trouble = troubled.find(disk.path); trouble != troubled.end()) found.push_back(trouble->second);
    }
    return found;
  }

  std::vector<std::string> held() override { return held_; }

  std::vector<std::string> release() override {
    if (held_.empty()) return {};
    if (release_failure) throw Error(*release_failure);
    ++releases;
    held_.clear();
    return release_problems;
  }

  /// The holder dies (kill -9 of rescue-hold, not of rescued): it no longer holds any disk.
  void lose_holder() { held_.clear(); }

private:
  std::vector<std::string> held_;
};

/// Overlays as numbers of bytes: a test writes into `bytes`, and finds in `written` what reached the disks.
class FakeDiskOverlays final : public ports::DiskOverlays {
public:
  std::map<std::string, std::uint64_t> bytes;    ///< by path
  std::map<std::string, std::uint64_t> written;  ///< by disk
  std::map<std::string, Error> failures;         ///< by disk: thrown by each commit while set
  std::map<std::string, Error> faults;           ///< by disk: thrown by each require_intact while set
  std::function<void()> before_commit;           ///< called by each commit before it has an effect
  std::function<void()> on_commit;               ///< called by each commit that succeeds

  void create(const domain::Disk&, const std::string& path) override { bytes[path] = empty; }
  std::uint64_t size_of(const std::string& path) override {
    const auto found = bytes.find(path);
    return found == bytes.end() ? 0 : found->second;
  }
  void require_intact(const domain::Disk& disk, const std::string&) override {
    if (const auto fault = faults.find(disk.path); fault != faults.end()) throw Error(fault->second);
  }
  void commit(const domain::Disk& disk, const std::string& path) override {
    if (before_commit) before_commit();
    if (const auto failure = failures.find(disk.path); failure != failures.end()) throw Error(failure->second);
    if (!bytes.contains(path)) return;
    written[disk.path] = size_of(path);
    bytes.erase(path);
    if (on_commit) on_commit();
  }
  void discard(const std::string& path) override { bytes.erase(path); }

private:
  static constexpr std::uint64_t empty = 200U << 10U;
};

/// Finds what a test puts into `facts`, by path; nothing on other disks.
class FakeDiskInspector final : public ports::DiskInspector {
public:
  std::map<std::string, domain::DiskFacts> facts;
  int inspections = 0;

  std::vector<domain::InspectedDisk> inspect(const std::vector<domain::Disk>& disks) override {
    ++inspections;
    std::vector<domain::InspectedDisk> all;
    for (const auto& disk : disks) {
      const auto found = facts.find(disk.path);
      all.push_back({disk.path, found == facts.end() ? domain::DiskFacts{} : found->second});
    }
    return all;
  }
};

/// Disks that report the health that the test sets; none by default.
class FakeDiskHealth final : public ports::DiskHealthReader {
public:
  std::map<std::string, domain::DiskHealth> known;  ///< by path

  std::vector<domain::DiskHealth> read(const std::vector<domain::Disk>& disks) override {
    std::vector<domain::DiskHealth> all;
    for (const auto& disk : disks) {
      const auto found = known.find(disk.path);
      all.push_back(found == known.end() ? domain::DiskHealth{disk.path} : found->second);
      if (found == known.end()) all.back().problem = "the disk reports no health";
    }
    return all;
  }
};

}  // namespace rescue::tests
