// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/file_journal.hpp"

#include "core/file.hpp"
#include "core/timed.hpp"
#include "orchestrator/domain/journal_form.hpp"

#include <nlohmann/json.hpp>

namespace rescue::linux {

void FileJournal::save(const domain::SessionRecord& record) {
  const log::Timed line("journal saved");
  // Replaces invalid UTF-8: it must not end the session.
  const auto text = domain::journal_form(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
  write_file_atomically(path_, text + "\n", 0600);
}

std::optional<domain::SessionRecord> FileJournal::load() {
  const auto text = read_file_if_exists(path_);
  if (!text) return std::nullopt;
  try {
    return domain::record_from_journal(nlohmann::json::parse(*text));
  } catch (const std::exception&) {
    std::throw_with_nested(Error(ErrorCode::io, "the journal " + path_ + " can't be read",
                                 "End a guest that still runs (virsh list), then move the file away."));
  }
}

}  // namespace rescue::linux
