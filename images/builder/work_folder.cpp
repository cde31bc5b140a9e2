// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/work_folder.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace rescue::builder {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t reserve = std::uint64_t{128} << 20;
constexpr mode_t work_folder_mode = 0700;
constexpr const char* lock_name = "lock";

/// Path without a slash at its end, absolute: "out/" and "out" are one result.
std::string plain_path(const std::string& path) {
  auto plain = fs::absolute(path).lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();
  return plain.string();
}

void refuse_existing(const std::string& result) {
  if (!fs::exists(fs::symlink_status(result))) return;
  throw Error(ErrorCode::conflict, result + " exists already", "Name a new folder by --out, or remove the old one.");
}

bool is_same_file(int fd, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

void remove_all_but_the_lock(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != lock_name) fs::remove_all(entry.path());
  }
}

void sync_path(const std::string& path, int flags) {
  const FileDescriptor fd(::open(path.c_str(), flags | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw system_error("cannot sync " + path, errno);
}

std::string mib(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20U); }

}  // namespace

WorkFolder::WorkFolder(const std::string& result) : result_(plain_path(result)) {
  refuse_existing(result_);
  const fs::path path(result_);
  path_ = (path.parent_path() / fmt::format(".{}.build", path.filename().string())).string();
  lock();
  try {
    remove_all_but_the_lock(path_);
    make_folder(this->result(), work_folder_mode);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorCode::io, error.what(), "Remove the folder " + path_ + ".");
  }
}

/// Another build may remove the folder between our opening of its lock and our locking: then the folder is made anew.
void WorkFolder::lock() {
  constexpr int attempts = 10;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    make_folder(path_, work_folder_mode);
    FileDescriptor opened(::open(file(lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!opened && errno == ENOENT) continue;
    if (!opened) throw system_error("cannot create a file in " + path_, errno);
    if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) break;
    if (!is_same_file(opened.get(), file(lock_name))) continue;
    lock_ = std::move(opened);
    return;
  }
  throw Error(ErrorCode::conflict, "another build makes " + result_, "Wait for its end, or name another folder.");
}

WorkFolder::~WorkFolder() {
  if (keep_) return;
  std::error_code failure;
  fs::remove_all(path_, failure);
  if (failure) log::warning("{} is not removed: {}", path_, failure.message());
}

void WorkFolder::publish() {
  for (const auto& entry : fs::directory_iterator(this->result())) sync_path(entry.path().string(), O_RDONLY);
  constexpr auto for_all = static_cast<fs::perms>(0755);
  fs::permissions(this->result(), for_all);
  sync_path(this->result(), O_RDONLY | O_DIRECTORY);
  if (::renameat2(AT_FDCWD, this->result().c_str(), AT_FDCWD, result_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) refuse_existing(result_);
    throw system_error("cannot rename the result to " + result_, errno);
  }
  sync_path(fs::path(result_).parent_path().string(), O_RDONLY | O_DIRECTORY);
}

void wipe_file(const std::string& path) noexcept {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return;
  struct stat status {};
  if (::fstat(file.get(), &status) == 0) {
    const std::array<char, 65536> zeros{};
    for (off_t at = 0; at < status.st_size;) {
      const auto part = static_cast<std::size_t>(std::min<off_t>(status.st_size - at, zeros.size()));
      const auto written = ::pwrite(file.get(), zeros.data(), part, at);
      if (written <= 0) break;
      at += written;
    }
    ::fdatasync(file.get());
  }
  ::unlink(path.c_str());
}

std::uint64_t free_room(const std::string& path) {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) throw system_error("cannot read the free room of " + path, errno);
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

void require_room(const std::string& path, std::uint64_t bytes) {
  const auto free = free_room(path);
  if (free >= bytes) return;
  throw Error(ErrorCode::precondition,
              fmt::format("{} has {} of free room, the build needs {}", path, mib(free), mib(bytes)),
              "Make room, or name a folder on a larger file system by --out.");
}

void require_reserve(const std::string& path) {
  const auto free = free_room(path);
  if (free >= reserve) return;
  throw Error(
      ErrorCode::io,
      fmt::format("the file system of {} is full: {} are left, {} are the reserve", path, mib(free), mib(reserve)),
      "Make room, or name a folder on a larger file system by --out, and build again.");
}

}  // namespace rescue::builder
