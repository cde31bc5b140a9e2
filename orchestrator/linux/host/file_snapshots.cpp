// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/file_snapshots.hpp"

#include "core/file.hpp"
#include "orchestrator/domain/snapshot_form.hpp"

#include <nlohmann/json.hpp>

namespace rescue::linux {

void FileSnapshots::save(const domain::ServerSnapshot& snapshot) {
  const auto text = domain::to_json(snapshot).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  write_file_atomically(path_, text + "\n", 0600);
}

std::optional<domain::ServerSnapshot> FileSnapshots::load(const std::string& session) {
  const auto text = read_file_if_exists(path_);
  if (!text) return std::nullopt;
  auto snapshot = domain::server_snapshot_from(*text);
  if (snapshot.session != session) return std::nullopt;
  return snapshot;
}

}  // namespace rescue::linux
