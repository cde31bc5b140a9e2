// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/folder_sink.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace rescue::cli {
namespace {

constexpr mode_t mode_of_folders = 0755;
constexpr mode_t mode_of_files = 0644;

std::array<timespec, 2> times_of(const disk::FileEntry& entry) {
  const timespec modified{static_cast<time_t>(entry.modified), static_cast<long>(entry.nanoseconds)};
  return {timespec{0, UTIME_OMIT}, modified};
}

bool is_zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == '\0'; });
}

/// Throws `io`: what can't be written here is no fault of the volume. A name that this file system can't have is of one
/// file alone.
[[noreturn]] void fail(const std::string& what, int reason) {
  if (reason == ENAMETOOLONG || reason == EILSEQ || reason == EINVAL || reason == EFBIG) {
    throw Error(ErrorCode::precondition, system_error(what, reason).what(),
                "`rescuectl files archive` has no such limit.");
  }
  throw system_error(what, reason, reason == ENOSPC ? "Name a folder with more room: --to DIR" : "");
}

Error exists(const std::string& name) {
  return {ErrorCode::usage, name + " exists already", "--force replaces files that exist."};
}

/// A file under a name of its own until it is complete.
class PartialFile {
public:
  explicit PartialFile(int folder)
      : folder_(folder), name_(fmt::format(".rescuectl-{}.partial", ::getpid())),
        file_(::openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (!file_) fail("cannot write here", errno);
  }
  ~PartialFile() {
    if (!complete_) ::unlinkat(folder_, name_.c_str(), 0);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void append(std::string_view bytes) {
    constexpr std::size_t block = 64U << 10U;
    while (!bytes.empty()) {
      const auto part = bytes.substr(0, block);
      if (!is_zeros(part)) write(part);
      size_ += part.size();
      bytes.remove_prefix(part.size());
    }
  }

  void complete(const disk::FileEntry& entry, bool replace) {
    const auto times = times_of(entry);
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0 || ::fchmod(file_.get(), mode_of_files) != 0) {
      fail("cannot write " + entry.name, errno);
    }
    (void)::futimens(file_.get(), times.data());  // a file system may not have such a time
    const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
    if (::renameat2(folder_, name_.c_str(), folder_, entry.name.c_str(), flags) != 0) {
      if (errno == EEXIST || errno == EISDIR) throw exists(entry.name);
      if (errno != EINVAL || replace) fail("cannot write " + entry.name, errno);
      // This file system can't refuse to replace.
      if (::linkat(folder_, name_.c_str(), folder_, entry.name.c_str(), 0) != 0)
        fail("cannot write " + entry.name, errno);
      return;
    }
    complete_ = true;
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
  void write(std::string_view bytes) {
    auto at = static_cast<off_t>(size_);
    while (!bytes.empty()) {
      const auto count = ::pwrite(file_.get(), bytes.data(), bytes.size(), at);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail("cannot write here", errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
      at += count;
    }
  }

  int folder_;
  std::string name_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  bool complete_ = false;
};

}  // namespace

FolderSink::FolderSink(const std::string& folder, bool replace) : replace_(replace) {
  make_folder(folder, mode_of_folders);
  folders_.emplace_back(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folders_.back()) throw system_error("cannot open " + folder, errno);
}

FolderSink::~FolderSink() {
  for (const auto& path : unconfirmed_) ::unlinkat(folders_.front().get(), path.c_str(), 0);
}

std::string FolderSink::relative(const std::string& name) const {
  std::string path;
  for (const auto& folder : names_) path += folder + '/';
  return path + name;
}

void FolderSink::enter(const disk::FileEntry& entry) {
  if (::mkdirat(here(), entry.name.c_str(), mode_of_folders) != 0 && errno != EEXIST) {
    fail("cannot make the folder " + entry.name, errno);
  }
  FileDescriptor folder(::openat(here(), entry.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw Error(ErrorCode::usage, entry.name + " exists already, and is no folder", "Name a new folder.");
  folders_.push_back(std::move(folder));
  names_.push_back(entry.name);
}

void FolderSink::leave(const disk::FileEntry& entry) {
  const auto times = times_of(entry);
  (void)::futimens(here(), times.data());
  folders_.pop_back();
  names_.pop_back();
}

void FolderSink::file(const disk::FileEntry& entry, FileContent& content) {
  struct stat status {};
  if (!replace_ && ::fstatat(here(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) throw exists(entry.name);
  PartialFile file(here());
  for (auto part = content.next(); !part.empty(); part = content.next()) file.append(part);
  if (file.size() != entry.size) {
    throw Error(ErrorCode::disk, fmt::format("{} bytes of {} can be read", file.size(), entry.size));
  }
  file.complete(entry, replace_);
  unconfirmed_.push_back(relative(entry.name));
}

void FolderSink::sync() const {
  if (::syncfs(folders_.front().get()) != 0) throw system_error("cannot write the files to their disk", errno);
}

}  // namespace rescue::cli
