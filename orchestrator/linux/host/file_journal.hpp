// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The journal as one JSON file, replaced atomically and synced at every save.

#include "orchestrator/ports/journal.hpp"

#include <string>

namespace rescue::linux {

/// A host that was netbooted loses its state folder with its power. So a session whose overlays are on a disk has a
/// copy of its journal beside them, as long as they are there.
class FileJournal final : public ports::Journal {
public:
  /// `path`: "<state>/session.json"; its folder exists. `overlay_folder`: disks.overlay_folder; empty: none.
  explicit FileJournal(std::string path, std::string overlay_folder = {})
      : path_(std::move(path)), overlay_folder_(std::move(overlay_folder)) {}

  /// Fails also if the copy can't be written: a decision that a power cut would lose was not made.
  void save(const domain::SessionRecord& record) override;
  /// Prefers a session that left something behind on this host to one beside overlays; of several of those the oldest.
  [[nodiscard]] std::optional<domain::SessionRecord> load() override;

private:
  [[nodiscard]] std::optional<domain::SessionRecord> load_copy() const;
  std::string path_;
  std::string overlay_folder_;
};

}  // namespace rescue::linux
