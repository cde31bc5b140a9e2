// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The journal as one JSON file, replaced atomically and synced at every save.

#include "orchestrator/ports/journal.hpp"

#include <string>

namespace rescue::linux {

class FileJournal final : public ports::Journal {
public:
  /// `path`: "<state>/session.json"; its folder exists.
  explicit FileJournal(std::string path) : path_(std::move(path)) {}

  void save(const domain::SessionRecord& record) override;
  [[nodiscard]] std::optional<domain::SessionRecord> load() override;

private:
  std::string path_;
};

}  // namespace rescue::linux
