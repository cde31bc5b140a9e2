// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recorders of disks and firmware in memory: a test changes what they find between two calls.

#include "core/error.hpp"
#include "orchestrator/ports/snapshots.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

/// Finds what a test puts into `disks`, by path; nothing on other disks.
class FakeDiskRecorder final : public ports::DiskRecorder {
public:
  std::map<std::string, domain::DiskSnapshot> disks;
  int calls = 0;

  std::vector<domain::DiskSnapshot> record(const std::vector<domain::Disk>& wanted) override {
    ++calls;
    std::vector<domain::DiskSnapshot> all;
    for (const auto& disk : wanted) {
      const auto found = disks.find(disk.path);
      all.push_back(found == disks.end() ? domain::DiskSnapshot{} : found->second);
      all.back().path = disk.path;
    }
    return all;
  }
};

class FakeFirmwareRecorder final : public ports::FirmwareRecorder {
public:
  domain::FirmwareSnapshot now;
  domain::FirmwareSnapshot record() override { return now; }
};

class FakeSnapshotStore final : public ports::SnapshotStore {
public:
  std::optional<domain::ServerSnapshot> kept;
  std::optional<Error> failure;  ///< thrown by each save while set

  void save(const domain::ServerSnapshot& snapshot) override {
    if (failure) throw Error(*failure);
    kept = snapshot;
  }
  std::optional<domain::ServerSnapshot> load(const std::string& session) override {
    return kept && kept->session == session ? kept : std::nullopt;
  }
};

}  // namespace rescue::tests
