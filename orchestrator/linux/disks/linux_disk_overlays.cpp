// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/linux_disk_overlays.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace rescue::linux {
namespace {

/// The header of a qcow2 file of version 3 (QEMU, docs/interop/qcow2.txt): numbers are big-endian.
using Header = std::array<unsigned char, 104>;
constexpr std::uint32_t magic = 0x514649fb;
constexpr std::size_t size_at = 24;
constexpr std::size_t snapshots_at = 60;
constexpr std::size_t incompatible_features_at = 72;
constexpr std::uint64_t dirty = 1;  ///< was not closed: counts of clusters are repaired when it is opened

std::uint64_t number_at(const Header& header, std::size_t offset, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) number = number << 8U | header.at(offset + i);
  return number;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::disk, fmt::format("{} is not the overlay that was made: {}", path, why),
              "Has the guest broken out of QEMU? Discard its changes: rescuectl finish --discard-changes");
}

FileDescriptor open_overlay(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) refuse(path, system_error("can't open it", errno).what());
  return file;
}

/// Takes only what `create` makes: a guest that controls QEMU may have written any header.
void require_ours(const std::string& path, const domain::Disk& disk) {
  const auto file = open_overlay(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("can't inspect " + path, errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) refuse(path, "it is no file of its own");
  Header header{};
  if (::pread(file.get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
    refuse(path, "it has no header");
  }
  if (number_at(header, 0, 4) != magic || number_at(header, 4, 4) != 3) refuse(path, "it is no qcow2 of version 3");
  if (number_at(header, size_at, 8) != disk.size_bytes) refuse(path, "it has another size than its disk");
  if (number_at(header, snapshots_at, 4) != 0) refuse(path, "it has snapshots");
  if ((number_at(header, incompatible_features_at, 8) & ~dirty) != 0) refuse(path, "it has features that ours has not");
}

/// A value of QEMU's options: a comma ends it, two are one.
std::string option_value(const std::string& text) {
  std::string value;
  for (const char c : text) value.append(c == ',' ? 2 : 1, c);
  return value;
}

void flush(const std::string& path) {
  const FileDescriptor device(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!device || ::fsync(device.get()) != 0) throw system_error("can't flush " + path, errno);
}

}  // namespace

void LinuxDiskOverlays::create(const domain::Disk& disk, const std::string& path) {
  discard(path);
  make_folder_of(std::filesystem::path(path).parent_path().string(), 0711, ::geteuid(), ::getegid());
  // -u: does not open the disk.
  run_checked({.argv = {"qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", disk.path, path,
                        std::to_string(disk.size_bytes)},
               .input = {},
               .environment = {}});
}

std::uint64_t LinuxDiskOverlays::size_of(const std::string& path) {
  constexpr std::uint64_t block = 512;
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * block : 0;
}

void LinuxDiskOverlays::commit(const domain::Disk& disk, const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return;
  require_ours(path, disk);
  const auto bytes = size_of(path);
  constexpr Milliseconds least{600'000};
  constexpr std::uint64_t bytes_per_ms = (1U << 20U) / 1'000;
  const auto overlay =
      fmt::format("driver=qcow2,file.driver=file,file.filename={},backing.driver=raw,backing.file.driver=host_device,"
                  "backing.file.filename={}",
                  option_value(path), option_value(disk.path));
  // -d: leaves the overlay complete, so that an interrupted commit can be repeated. A commit that outlived us would
  // write beside the one of the next rescued.
  const Command command{.argv = {"setpriv", "--pdeathsig", "KILL", "qemu-img", "commit", "-q", "-d", "-t", "writeback",
                                 "--image-opts", overlay},
                        .input = {},
                        .time_limit = least + Milliseconds(bytes / bytes_per_ms),
                        .environment = {}};
  Completed done;
  const auto is_free = [&] {
    done = rescue::run(command);
    return done.status == 0 || done.err.find("lock") == std::string::npos;
  };
  // The commit of a rescued that was killed just now may not have ended yet.
  SystemClock clock;
  constexpr Milliseconds patience{5'000};
  constexpr Milliseconds pause{200};
  (void)poll_until(clock, patience, pause, is_free);
  if (done.timed_out) throw Error(ErrorCode::disk, "it takes too long");
  if (done.status != 0) throw Error(ErrorCode::disk, done.err.empty() ? "qemu-img commit failed" : done.err);
  flush(disk.path);
  discard(path);
}

void LinuxDiskOverlays::require_intact(const domain::Disk& disk, const std::string& path) { require_ours(path, disk); }

void LinuxDiskOverlays::discard(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) remove_file_durably(path);
  (void)::rmdir(std::filesystem::path(path).parent_path().c_str());  // others may be in it
}

}  // namespace rescue::linux
