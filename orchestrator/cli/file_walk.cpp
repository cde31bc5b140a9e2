// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/file_walk.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <utility>

namespace rescue::cli {
namespace {

constexpr unsigned deepest = 400;  // each level has a descriptor
constexpr std::size_t most_problems = 1'000;

bool is_of_one_file(ErrorCode code) {
  return code == ErrorCode::usage || code == ErrorCode::precondition || code == ErrorCode::disk ||
         code == ErrorCode::not_found || code == ErrorCode::unavailable;
}

bool is_of_the_reader(ErrorCode code) { return code == ErrorCode::subprocess || code == ErrorCode::timeout; }

class RemoteContent final : public FileContent {
public:
  RemoteContent(files::VolumeReader& reader, const std::string& path, std::function<void(std::size_t)> taken)
      : reader_(reader), opened_(reader.open(path)), taken_(std::move(taken)) {}

  [[nodiscard]] std::string next() override {
    auto bytes = reader_.read(opened_.handle, offset_, static_cast<std::uint32_t>(files::largest_read));
    offset_ += bytes.size();
    taken_(bytes.size());
    return bytes;
  }
  void close() { reader_.close(opened_.handle); }

private:
  files::VolumeReader& reader_;
  files::VolumeReader::Opened opened_;
  std::function<void(std::size_t)> taken_;
  std::uint64_t offset_ = 0;
};

}  // namespace

void FileWalk::check() {
  if (source_.require_readable()) sink_.confirm();
}

void FileWalk::note_problem(const std::string& path, const std::string& text) {
  ++totals_.failed;
  if (totals_.problems.size() < most_problems) totals_.problems.push_back({path, text});
}

bool FileWalk::attempt(const std::string& path, const std::function<void()>& act) {
  try {
    act();
    return true;
  } catch (const Error& error) {
    if (is_of_the_reader(error.code())) {
      volume_.restart();
    } else if (!is_of_one_file(error.code())) {
      throw;
    }
    note_problem(path, report_of(error).one_line());
    return false;
  }
}

void FileWalk::walk(const std::string& path, const std::string& name) {
  disk::FileEntry entry;
  if (!attempt(path, [&] { entry = volume_.reader().stat(path); })) return;
  entry.name = name;
  visit(path, entry, 0);
}

void FileWalk::visit(const std::string& path, const disk::FileEntry& entry, unsigned depth) {
  check();
  if (entry.kind == disk::EntryKind::link) {
    ++totals_.links;
  } else if (!files::is_local_name(entry.name)) {
    note_problem(path, "its name can't be a name here");
  } else if (!entry.problem.empty()) {
    note_problem(path, entry.problem);
  } else if (entry.kind == disk::EntryKind::file) {
    visit_file(path, entry);
  } else if (depth >= deepest) {
    note_problem(path, "too deep in folders");
  } else if (!folders_seen_.insert(entry.id).second) {
    note_problem(path, "damaged: the folder is in two places");
  } else {
    visit_folder(path, entry, depth);
  }
}

void FileWalk::visit_folder(const std::string& path, const disk::FileEntry& entry, unsigned depth) {
  if (!attempt(path, [&] { sink_.enter(entry); })) return;
  ++totals_.folders;
  std::vector<disk::FileEntry> entries;
  // A damaged folder gives the names that were found: they follow.
  (void)attempt(
      path, [&] { volume_.reader().list(path, [&](disk::FileEntry&& one) { entries.push_back(std::move(one)); }); });
  for (const auto& one : entries) visit(path.empty() ? one.name : path + '/' + one.name, one, depth + 1);
  (void)attempt(path, [&] { sink_.leave(entry); });
}

void FileWalk::visit_file(const std::string& path, const disk::FileEntry& entry) {
  const auto taken = [&](std::size_t bytes) {
    totals_.bytes += bytes;
    check();
    report_(totals_);
  };
  const bool done = attempt(path, [&] {
    RemoteContent content(volume_.reader(), path, taken);
    try {
      sink_.file(entry, content);
    } catch (const Error& error) {
      if (!is_of_the_reader(error.code())) content.close();
      throw;
    }
    content.close();
  });
  if (done) ++totals_.files;
}

}  // namespace rescue::cli
