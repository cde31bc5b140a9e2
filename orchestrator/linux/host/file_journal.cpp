// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/file_journal.hpp"

#include "core/file.hpp"
#include "core/log.hpp"
#include "core/timed.hpp"
#include "orchestrator/domain/journal_form.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace rescue::linux {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_of_copy = "session.json";

/// The folder of the session's overlays, if they are on a disk; else empty.
std::string folder_of_overlays(const domain::SessionRecord& record) {
  if (!record.plan || record.plan->guest.disk_mode != domain::DiskMode::overlay) return {};
  if (record.plan->changes_mib > 0) return {};  // in memory
  const auto& plan = *record.plan;
  for (const auto* list : {&plan.guest.disks, &plan.withdrawn_disks}) {
    if (!list->empty()) return fs::path(list->front().source).parent_path().string();
  }
  return {};
}

bool has_overlays(const fs::path& folder) {
  std::error_code ignored;
  const fs::directory_iterator files(folder, ignored);
  return std::any_of(begin(files), end(files), [](const auto& file) { return file.path().extension() == ".qcow2"; });
}

std::optional<domain::SessionRecord> read_record(const std::string& path, const char* hint) {
  const auto text = read_file_if_exists(path);
  if (!text) return std::nullopt;
  try {
    return domain::record_from_journal(nlohmann::json::parse(*text));
  } catch (const std::exception&) {
    std::throw_with_nested(Error(ErrorCode::io, "the journal " + path + " can't be read", hint));
  }
}

bool left_something(const domain::SessionRecord& record) {
  return record.active() || !record.rollback_failures.empty() || record.end_pending;
}

/// The copy goes with the last overlay.
void save_copy(const std::string& folder, const std::string& text) {
  if (!fs::is_directory(folder)) return;
  const auto path = folder + "/" + name_of_copy;
  if (has_overlays(folder)) return write_file_atomically(path, text, 0600);
  if (fs::exists(path)) remove_file_durably(path);
  (void)::rmdir(folder.c_str());
}

}  // namespace

void FileJournal::save(const domain::SessionRecord& record) {
  const log::Timed line("journal saved");
  // Replaces invalid UTF-8: it must not end the session.
  const auto text = domain::journal_form(record).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  write_file_atomically(path_, text, 0600);
  if (const auto folder = folder_of_overlays(record); !folder.empty()) save_copy(folder, text);
}

std::optional<domain::SessionRecord> FileJournal::load() {
  auto record = read_record(path_, "End a guest that still runs (virsh list), then move the file away.");
  if (record && left_something(*record)) return record;
  if (auto copy = load_copy()) return copy;
  return record;
}

std::optional<domain::SessionRecord> FileJournal::load_copy() const {
  std::error_code ignored;
  std::vector<domain::SessionRecord> found;
  if (overlay_folder_.empty()) return std::nullopt;
  for (const auto& folder : fs::directory_iterator(overlay_folder_, ignored)) {
    if (!folder.path().filename().string().starts_with("rescue-") || !has_overlays(folder.path())) continue;
    auto record =
        read_record((folder.path() / name_of_copy).string(),
                    "Beside it are changes to the server's disks. Move the folder away if they don't matter.");
    if (!record || fs::path(folder_of_overlays(*record)) != folder.path()) {
      log::warning("{} has changes of a session that is not known; they are left alone", folder.path().string());
      continue;
    }
    found.push_back(*std::move(record));
  }
  if (found.empty()) return std::nullopt;
  const auto oldest = std::min_element(found.begin(), found.end(),
                                       [](const auto& one, const auto& other) { return one.started < other.started; });
  log::warning("session {} has changes in {}{}", oldest->id, folder_of_overlays(*oldest),
               found.size() > 1 ? "; those of later sessions there follow when rescued is started again" : "");
  return *oldest;
}

}  // namespace rescue::linux
