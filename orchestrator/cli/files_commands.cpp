// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The commands that list files of the server's volumes and copy them out.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/rfc3339.hpp"
#include "orchestrator/cli/commands.hpp"
#include "orchestrator/cli/disks_view.hpp"
#include "orchestrator/cli/file_walk.hpp"
#include "orchestrator/cli/folder_sink.hpp"
#include "orchestrator/cli/sftp_service.hpp"
#include "orchestrator/cli/tar_sink.hpp"
#include "orchestrator/cli/volume_source.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;
using disk::FileEntry;

constexpr std::size_t longest_shown = 4'000;

std::string kind_of(const FileEntry& entry) {
  switch (entry.kind) {
  case disk::EntryKind::file:
    return "file";
  case disk::EntryKind::folder:
    return "folder";
  case disk::EntryKind::link:
    return "link";
  case disk::EntryKind::other:
    break;
  }
  return "damaged";
}

Json flags_of(const FileEntry& entry) {
  auto flags = Json::array();
  for (const auto& [flag, name] :
       std::initializer_list<std::pair<disk::EntryFlag, const char*>>{{disk::entry_read_only, "read-only"},
                                                                      {disk::entry_hidden, "hidden"},
                                                                      {disk::entry_system, "system"},
                                                                      {disk::entry_compressed, "compressed"},
                                                                      {disk::entry_sparse, "sparse"},
                                                                      {disk::entry_encrypted, "encrypted"},
                                                                      {disk::entry_reparse_point, "reparse-point"}}) {
    if ((entry.flags & flag) != 0) flags.push_back(name);
  }
  return flags;
}

/// RFC 3339; empty for a time that no calendar of ours has.
std::string time_of(const FileEntry& entry) {
  constexpr std::int64_t year_2200 = 7'258'118'400;
  if (entry.modified < 0 || entry.modified >= year_2200) return "";
  return rfc3339(WallTime(std::chrono::seconds(entry.modified)));
}

Json json_of(const FileEntry& entry) {
  return {{"name", entry.name},         {"kind", kind_of(entry)},   {"size", entry.size},
          {"modified", time_of(entry)}, {"flags", flags_of(entry)}, {"problem", entry.problem}};
}

std::string line_of(const FileEntry& entry) {
  constexpr std::size_t to_the_minute = 16;
  auto time = time_of(entry).substr(0, to_the_minute);
  std::replace(time.begin(), time.end(), 'T', ' ');
  const bool folder = entry.kind == disk::EntryKind::folder;
  const auto size = entry.kind == disk::EntryKind::file ? std::to_string(entry.size) : kind_of(entry);
  auto line = fmt::format("{:<16} {:>15}  {}{}", time, size, printable(entry.name, longest_shown), folder ? "\\" : "");
  if (!entry.problem.empty()) line += fmt::format("   [{}]", printable(entry.problem, longest_shown));
  return line + "\n";
}

void print_warnings(const VolumeSource& source, const domain::Volume& volume, OpenVolume& open) {
  if (!source.note().empty()) fmt::print(stderr, "note: {}\n", source.note());
  for (const auto& warning : files::warnings_of(open.reader().state())) {
    fmt::print(stderr, "warning: {}: {}\n", folder_name_of(volume), warning);
  }
}

/// Draws how much was copied, on a terminal.
class CopyProgress {
public:
  void show(const WalkTotals& totals) {
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now - drawn_ < std::chrono::milliseconds(200)) return;
    const std::chrono::duration<double> passed = now - begun_;
    fmt::print(stderr, "\r{} files, {}, {:.1f} MB/s   ", totals.files, size_text(totals.bytes),
               static_cast<double>(totals.bytes) / 1e6 / std::max(passed.count(), 0.001));
    drawn_ = now;
  }
  void close() const {
    if (terminal_ && drawn_ != std::chrono::steady_clock::time_point{}) fmt::print(stderr, "\r{:60}\r", "");
  }

private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drawn_;
};

void add(WalkTotals& sum, const WalkTotals& one) {
  sum.files += one.files;
  sum.folders += one.folders;
  sum.links += one.links;
  sum.bytes += one.bytes;
  sum.failed += one.failed;
  sum.problems.insert(sum.problems.end(), one.problems.begin(), one.problems.end());
}

/// Walks through all that the paths mean, volume by volume.
WalkTotals walk_all(VolumeSource& source, const std::vector<std::string>& paths, FileSink& sink) {
  std::map<const domain::Volume*, std::vector<std::string>> chosen;
  std::set<std::string> names;
  for (const auto& text : paths) {
    const auto path = files::parse_volume_path(text);
    const auto& volume = source.chosen(path);
    const auto name = path.path.empty() ? folder_name_of(volume) : path.path.substr(path.path.rfind('/') + 1);
    if (!names.insert(name).second) {
      throw Error(ErrorCode::usage, fmt::format("two paths end in '{}'", name), "Copy them to different folders.");
    }
    chosen[&volume].push_back(path.path);
  }
  WalkTotals sum;
  CopyProgress progress;
  for (const auto& [volume, inside] : chosen) {
    OpenVolume open(source, *volume);
    print_warnings(source, *volume, open);
    FileWalk walk(source, open, sink, [&](const WalkTotals& totals) { progress.show(totals); });
    for (const auto& path : inside) {
      walk.walk(path, path.empty() ? folder_name_of(*volume) : open.reader().stat(path).name);
    }
    add(sum, walk.totals());
  }
  progress.close();
  source.require_all_read();
  sink.confirm();
  return sum;
}

Json json_of(const WalkTotals& totals) {
  auto problems = Json::array();
  for (const auto& problem : totals.problems) problems.push_back({{"path", problem.path}, {"problem", problem.text}});
  return {{"files", totals.files}, {"folders", totals.folders}, {"links_left_out", totals.links},
          {"bytes", totals.bytes}, {"failed", totals.failed},   {"problems", std::move(problems)}};
}

/// Reports on `out`, and says what is missing on stderr. Returns the exit code.
int tell(const WalkTotals& totals, bool json, std::FILE* out) {
  for (const auto& problem : totals.problems) {
    fmt::print(stderr, "not copied: {}: {}\n", printable(problem.path, longest_shown),
               printable(problem.text, longest_shown));
  }
  if (totals.failed > totals.problems.size()) {
    fmt::print(stderr, "not copied: {} more\n", totals.failed - totals.problems.size());
  }
  if (json) {
    fmt::print(out, "{}\n", json_of(totals).dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print(out, "{} files in {} folders, {}", totals.files, totals.folders, size_text(totals.bytes));
    if (totals.links > 0) fmt::print(out, "; {} links left out", totals.links);
    fmt::print(out, "\n");
  }
  return totals.failed == 0 ? 0 : exit_code_of(ErrorCode::disk);
}

}  // namespace

VolumeSource Commands::volume_source() {
  if (!options_.image.empty()) return VolumeSource(options_.image);
  return VolumeSource([this](const std::string& path) { return call("GET", path); });
}

int Commands::list_volumes(const VolumeSource& source) const {
  auto list = Json::array();
  std::string lines;
  for (const auto& volume : source.volumes()) {
    list.push_back(domain::to_json(volume));
    lines += fmt::format("{:<4} {:<20} {:>12}  {}{}\n", volume.letter.empty() ? "-" : volume.letter + ":",
                         fmt::format("{}:{}", volume.disk, volume.partition), size_text(volume.bytes), volume.label,
                         volume.problem.empty() ? "" : "   [" + volume.problem + "]");
  }
  if (!source.note().empty()) fmt::print(stderr, "note: {}\n", source.note());
  print({{"volumes", std::move(list)}, {"note", source.note()}}, lines.empty() ? "there is no NTFS volume\n" : lines);
  return 0;
}

int Commands::files_ls() {
  auto source = volume_source();
  if (options_.paths.empty()) return list_volumes(source);
  const auto path = files::parse_volume_path(options_.paths.front());
  const auto& volume = source.chosen(path);
  OpenVolume open(source, volume);
  print_warnings(source, volume, open);
  auto& reader = open.reader();
  const auto entry = reader.stat(path.path);
  std::vector<FileEntry> entries;
  if (entry.kind == disk::EntryKind::folder) {
    reader.list(path.path, [&](FileEntry&& one) { entries.push_back(std::move(one)); });
  } else {
    entries.push_back(entry);
  }
  source.require_all_read();
  if (!options_.json) {
    for (const auto& one : entries) std::fputs(line_of(one).c_str(), stdout);
    return 0;
  }
  auto list = Json::array();
  for (const auto& one : entries) list.push_back(json_of(one));
  const Json answer{{"volume", domain::to_json(volume)}, {"path", path.path}, {"entries", std::move(list)}};
  std::fputs((answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stdout);
  return 0;
}

int Commands::files_get() {
  auto source = volume_source();
  FolderSink sink(options_.folder, options_.force);
  const auto totals = walk_all(source, options_.paths, sink);
  sink.sync();
  return tell(totals, options_.json, stdout);
}

int Commands::files_archive() {
  if (::isatty(STDOUT_FILENO) == 1) {
    throw Error(ErrorCode::usage, "the archive is not written to a terminal",
                "Send it to a file: rescuectl files archive C:\\Data > data.tar");
  }
  auto source = volume_source();
  TarSink sink(STDOUT_FILENO);
  const auto totals = walk_all(source, options_.paths, sink);
  sink.finish();
  return tell(totals, options_.json, stderr);
}

int Commands::files_serve() {
  auto source = volume_source();
  auto keys = options_.authorized_keys.empty() ? source.ssh_keys() : std::vector<std::string>{};
  for (const auto& file : options_.authorized_keys) {
    for (auto& line : authorized_lines(read_file(file))) keys.push_back(std::move(line));
  }
  if (keys.empty()) {
    throw Error(ErrorCode::precondition, "SFTP is off: nobody's SSH key is known",
                "Name a file with public keys: --authorized-keys FILE. Or order the session with `ssh_keys`.");
  }
  constexpr auto default_port = "21322";  // one of the ports that the host keeps during a session
  SftpService service(source, keys, parse_listen_address(options_.listen.empty() ? default_port : options_.listen));
  if (!source.note().empty()) fmt::print(stderr, "note: {}\n", source.note());
  print({{"port", service.port()},
         {"fingerprint", service.fingerprint()},
         {"host_key", service.public_key()},
         {"keys", keys.size()}},
        fmt::format("SFTP on port {}, read-only, for {} key{}, with any user name\nhost key  {}\n", service.port(),
                    keys.size(), keys.size() == 1 ? "" : "s", service.fingerprint()));
  std::fflush(stdout);
  service.run();
  return 0;
}

}  // namespace rescue::cli
