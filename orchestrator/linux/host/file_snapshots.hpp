// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The snapshot of the last session as one JSON file beside the journal. It has copies of partition tables and boot
// sectors, for whoever has to put one back by hand.

#include "orchestrator/ports/snapshots.hpp"

#include <string>

namespace rescue::linux {

class FileSnapshots final : public ports::SnapshotStore {
public:
  /// `path`: "<state>/disks-before.json"; its folder exists. Mode 0600.
  explicit FileSnapshots(std::string path) : path_(std::move(path)) {}

  void save(const domain::ServerSnapshot& snapshot) override;
  [[nodiscard]] std::optional<domain::ServerSnapshot> load(const std::string& session) override;

private:
  std::string path_;
};

}  // namespace rescue::linux
