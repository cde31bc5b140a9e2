// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/memory_folder.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>

namespace rescue::linux {
namespace {

constexpr unsigned long mount_flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/// Whether a tmpfs is mounted at `folder` itself. Throws `io` if another file system is.
bool is_memory_folder(const std::string& folder) {
  struct stat own {};
  struct stat parent {};
  if (::lstat(folder.c_str(), &own) != 0) {
    if (errno == ENOENT) return false;
    throw system_error("cannot inspect " + folder, errno);
  }
  const auto above = std::filesystem::path(folder).parent_path().string();
  if (::lstat(above.c_str(), &parent) != 0) throw system_error("cannot inspect " + above, errno);
  if (own.st_dev == parent.st_dev) return false;
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) throw system_error("cannot inspect " + folder, errno);
  if (status.f_type == TMPFS_MAGIC) return true;
  throw Error(ErrorCode::io, fmt::format("another file system is mounted at {}", folder),
              "Unmount it: umount " + folder);
}

}  // namespace

void provide_memory_folder(const std::string& folder, unsigned mib) {
  constexpr mode_t mode = 0711;
  make_folder_of(folder, mode, ::geteuid(), ::getegid());
  const bool there = is_memory_folder(folder);
  const auto options = fmt::format("size={}m,mode=0711", mib);
  const unsigned long flags = there ? mount_flags | MS_REMOUNT : mount_flags;
  if (::mount("rescue", folder.c_str(), "tmpfs", flags, options.c_str()) != 0) {
    throw system_error(fmt::format("cannot give {} a memory file system of {} MiB", folder, mib), errno);
  }
}

void remove_memory_folder(const std::string& folder) {
  if (!is_memory_folder(folder)) return;
  if (::umount2(folder.c_str(), UMOUNT_NOFOLLOW) == 0) return;
  if (errno == EBUSY && ::umount2(folder.c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) == 0) {
    log::warning("files in {} are still open: its memory is freed when they are closed", folder);
    return;
  }
  throw system_error("cannot unmount " + folder, errno);
}

ports::Room room_of(const std::string& folder) {
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) throw system_error("cannot inspect " + folder, errno);
  const auto mib = [&status](std::uint64_t blocks) {
    return static_cast<unsigned>(blocks * static_cast<std::uint64_t>(status.f_bsize) >> 20U);
  };
  return {mib(status.f_blocks), mib(status.f_bavail)};
}

}  // namespace rescue::linux
