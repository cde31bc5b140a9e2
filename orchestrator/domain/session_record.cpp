// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/session_record.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"

#include <algorithm>

namespace rescue::domain {
namespace {

void clean(std::string& text) {
  constexpr std::size_t longest = 2000;
  text = printable(text, longest);
}

void clean(Failure& failure) {
  clean(failure.message);
  clean(failure.hint);
}

}  // namespace

const BootSnapshot* SessionRecord::snapshot_of(const std::string& layer) const {
  const auto found = std::find_if(boot_snapshots.begin(), boot_snapshots.end(),
                                  [&layer](const BootSnapshot& snapshot) { return snapshot.layer == layer; });
  return found == boot_snapshots.end() ? nullptr : &*found;
}

void SessionRecord::warn(std::string text, WarningCode code, log::Level level) {
  warnings.push_back({code, std::move(text)});
  log::write(level, warnings.back().text);
}

void SessionRecord::take_back(WarningCode code) {
  std::erase_if(warnings, [code](const Warning& warning) { return warning.code == code; });
}

bool SessionRecord::has_warning(WarningCode code) const {
  return std::any_of(warnings.begin(), warnings.end(), [code](const Warning& warning) { return warning.code == code; });
}

void make_printable(SessionRecord& record) {
  for (auto& step : record.steps) clean(step.detail);
  for (auto& warning : record.warnings) clean(warning.text);
  for (auto& failure : record.rollback_failures) clean(failure);
  if (record.failure) clean(*record.failure);
  if (record.announced) clean(record.announced->to);
  if (!record.connection) return;
  for (auto* text : {&record.connection->address, &record.connection->user, &record.connection->ssh_host_key,
                     &record.connection->ssh_host_key_type, &record.connection->rdp_certificate}) {
    clean(*text);
  }
}

}  // namespace rescue::domain
