// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/linux_disk_claims.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"
#include "core/timed.hpp"
#include "core/unix_socket.hpp"
#include "orchestrator/linux/disks/disk_paths.hpp"
#include "orchestrator/linux/disks/holder_protocol.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>

namespace rescue::linux {
namespace {

constexpr Milliseconds status_limit{5'000};
constexpr Milliseconds release_limit{60'000};
constexpr Milliseconds start_limit{30'000};
constexpr Milliseconds try_limit{holder::try_seconds * 1'000 + 5'000};

Error unresponsive(const std::string& socket_path) {
  return Error(ErrorCode::unavailable, "the holder of the disks does not answer on " + socket_path,
               "See what rescue-hold is doing (ps, /proc/PID/stack): a disk that hangs blocks it. Ending it (SIGTERM) "
               "releases the disks; do that only when no rescue VM runs.");
}

/// A connected socket; none without a listener.
FileDescriptor connect_to(const std::string& socket_path) {
  auto fd = unix_socket();
  const int error = connect_unix(fd, socket_path);
  if (error == 0) return fd;
  if (error == ENOENT || error == ECONNREFUSED) return {};
  throw system_error("cannot reach the holder of the disks on " + socket_path, error);
}

/// The lines of the answer; none without a listener. An answer without `last` is incomplete.
std::optional<std::vector<std::string>> ask(const std::string& socket_path, const std::string& request,
                                            const std::string& last, Milliseconds limit) {
  const auto fd = connect_to(socket_path);
  if (!fd) return std::nullopt;
  const auto line = request + "\n";
  if (::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) throw unresponsive(socket_path);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::string text;
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd wait{fd.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) throw unresponsive(socket_path);
    char buffer[4096];
    const auto count = ::recv(fd.get(), buffer, sizeof buffer, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part);) lines.push_back(part);
  if (lines.empty() || lines.back() != last) throw unresponsive(socket_path);
  lines.pop_back();
  return lines;
}

std::string remedy_for(int error) {
  if (error == EBUSY) {
    return "Unmount it, or stop what uses it (swapoff, mdadm --stop, vgchange -an, end the process), or leave the disk "
           "out by disks.exclude.";
  }
  if (error == EROFS || error == EACCES) return "The disk is write-protected: leave it out by disks.exclude.";
  if (error == ENOENT || error == ENXIO) return "The disk has disappeared: check its cabling, start again.";
  return "See the kernel log (dmesg).";
}

constexpr const char* other_disk_remedy = "Disks were added or removed meanwhile: start the session again.";

void log_problems(const std::vector<std::string>& problems) {
  for (const auto& problem : problems) log::warning("{}", problem);
}

/// Difference between the device in sysfs now and the disk that was found; empty for the same disk. sysfs can't confirm
/// values that only udev has (the serial number of some USB bridges).
std::string difference_of(const BlockDevice& device, const domain::Disk& disk) {
  const auto now = identity_from_sysfs(device);
  if (device.size_bytes != disk.size_bytes) {
    return fmt::format("it has {} bytes, and had {}", device.size_bytes, disk.size_bytes);
  }
  if (!now.serial.empty() && now.serial != disk.serial) {
    return fmt::format("its serial number is {}, and was {}", now.serial, disk.serial);
  }
  if (!now.wwn.empty() && now.wwn != disk.wwn) return fmt::format("its WWN is {}, and was {}", now.wwn, disk.wwn);
  return {};
}

/// The reason, for people, why a disk could not be opened.
domain::ExcludedDisk obstacle(const std::string& path, int number, const HostFiles& files) {
  using domain::ExclusionReason;
  if (number == EBUSY) {
    return {path, ExclusionReason::busy, fmt::format("{} is in use: {}", path, who_has(path, files))};
  }
  if (number == EROFS || number == EACCES || number == EPERM) {
    return {path, ExclusionReason::read_only_device, system_error(path + " can't be opened", number).what()};
  }
  if (number == ETIMEDOUT) {
    return {path, ExclusionReason::offline,
            fmt::format("{} could not be opened within {} s (see dmesg)", path, holder::try_seconds)};
  }
  return {path, ExclusionReason::offline, system_error(path + " does not answer", number).what()};
}

/// A path to a disk that the guest gets by another path.
struct OtherPath {
  std::string path;
  std::string disk;  ///< the path that is given
};

/// Reads sysfs again. The kernel lets two users have one path each.
std::vector<OtherPath> other_paths_to(const std::vector<domain::Disk>& disks, const HostFiles& files) {
  const auto devices = BlockDevices::read(files.sysfs);
  std::vector<Identity> identities;
  identities.reserve(devices.all().size());
  std::vector<DiskPath> paths;
  for (const auto& device : devices.all()) {
    identities.push_back(identity_from_sysfs(device));
    if (!device.is_optical) paths.push_back({device, identities.back()});
  }
  const auto given = [&](const DiskPath& path) {
    return std::find_if(disks.begin(), disks.end(),
                        [&](const domain::Disk& disk) { return disk.device == path.device.device; });
  };
  std::vector<OtherPath> found;
  for (const auto& group : grouped_by_disk(paths)) {
    auto disk = disks.end();
    for (const auto index : group) disk = disk == disks.end() ? given(paths[index]) : disk;
    if (disk == disks.end()) continue;
    for (const auto index : group) {
      if (given(paths[index]) == disks.end()) found.push_back({paths[index].device.path(), disk->path});
    }
  }
  return found;
}

std::vector<std::string> paths_of(const std::vector<OtherPath>& others) {
  std::vector<std::string> paths;
  paths.reserve(others.size());
  for (const auto& other : others) paths.push_back(other.path);
  return paths;
}

/// The user of one path uses the disk.
std::string in_use_by(const OtherPath& other, const HostFiles& files) {
  return fmt::format("{} is another path to {}, which is in use: {}", other.disk, other.path,
                     who_has(other.path, files));
}

/// Parses "rescue-hold: cannot hold /dev/sda: 16 Device or resource busy".
[[noreturn]] void fail_from(const std::string& message, const HostFiles& files) {
  const std::string_view prefix = holder::cannot_hold;
  const auto line = message.substr(0, message.find('\n'));
  const auto colon = line.rfind(": ");
  if (!line.starts_with(prefix) || colon == std::string::npos || colon < prefix.size()) {
    throw Error(ErrorCode::disk, "the disks cannot be held: " + line);
  }
  const auto path = line.substr(prefix.size(), colon - prefix.size());
  int number = 0;
  std::from_chars(line.data() + colon + 2, line.data() + line.size(), number);
  auto what = fmt::format("{} cannot be held exclusively", path);
  if (number == EBUSY) {
    what += ", it is in use: " + who_has(path, files);
  } else {
    what = system_error(what, number).what();
  }
  throw Error(ErrorCode::disk, what, remedy_for(number));
}

}  // namespace

LinuxDiskClaims::LinuxDiskClaims(std::string holder_program, std::string socket_path, HostFiles files)
    : holder_program_(std::move(holder_program)), socket_path_(std::move(socket_path)), files_(std::move(files)) {}

std::optional<std::vector<LinuxDiskClaims::HeldDisk>> LinuxDiskClaims::status() const {
  const auto lines = ask(socket_path_, holder::status_request, holder::end_of_status, status_limit);
  if (!lines) return std::nullopt;
  std::vector<HeldDisk> disks;
  for (const auto& line : *lines) {
    const auto blank = line.find(' ');
    if (blank == std::string::npos) throw unresponsive(socket_path_);
    disks.push_back({line.substr(0, blank), line.substr(blank + 1)});
  }
  return disks;
}

void LinuxDiskClaims::start_holder(const std::vector<domain::Disk>& disks) const {
  make_folder(std::filesystem::path(socket_path_).parent_path().string(), 0700);
  Command command;
  command.argv = {holder_program_, "--socket", socket_path_};
  for (const auto& disk : disks) command.argv.push_back(disk.path);
  for (auto& path : other_paths_to_hold(disks)) {
    command.argv.insert(command.argv.end(), {holder::also_option, std::move(path)});
  }
  command.time_limit = start_limit;
  const auto completed = run(command);
  if (completed.timed_out) {
    throw Error(ErrorCode::disk, "a disk could not be opened within 30 s",
                "The kernel log (dmesg) names the disk that hangs; leave it out by disks.exclude.");
  }
  if (completed.status != holder::holding) fail_from(completed.err, files_);
}

/// Kernel names may move to other disks between survey and claim (hotplug): the held disks must be the surveyed ones.
void LinuxDiskClaims::check_numbers(const std::vector<domain::Disk>& disks) const {
  const auto held = status();
  for (const auto& disk : disks) {
    const bool same = held && std::any_of(held->begin(), held->end(), [&](const HeldDisk& other) {
                        return other.path == disk.path && other.device == disk.device;
                      });
    if (same) continue;
    throw Error(ErrorCode::disk, fmt::format("{} is no longer the device {} that was found", disk.path, disk.device),
                other_disk_remedy);
  }
}

/// A device number names a disk only while it is open: after a holder ended, another disk may have it.
void LinuxDiskClaims::check_identities(const std::vector<domain::Disk>& disks) const {
  const auto devices = BlockDevices::read(files_.sysfs);
  for (const auto& disk : disks) {
    const auto* device = devices.whole_of(disk.device);
    const auto difference = device == nullptr ? std::string("it has gone") : difference_of(*device, disk);
    if (difference.empty()) continue;
    throw Error(ErrorCode::disk,
                fmt::format("{} ({}) is no longer the disk that was found: {}", disk.path, disk.device, difference),
                other_disk_remedy);
  }
}

void LinuxDiskClaims::claim(const std::vector<domain::Disk>& disks) {
  const log::Timed line("claimed {} disks", disks.size());
  if (const auto held = status()) {
    const auto is_held = [&](const domain::Disk& disk) {
      return std::any_of(held->begin(), held->end(),
                         [&](const HeldDisk& other) { return other.path == disk.path && other.device == disk.device; });
    };
    if (held->size() == disks.size() && std::all_of(disks.begin(), disks.end(), is_held)) {
      return check_identities(disks);
    }
    log_problems(release());
  }
  if (disks.empty()) return;
  start_holder(disks);
  try {
    check_numbers(disks);
    check_identities(disks);
  } catch (const Error&) {
    log_problems(release());
    throw;
  }
}

/// The paths that could not be opened, with the error.
std::map<std::string, int> LinuxDiskClaims::errors_of(const char* mode, const std::vector<std::string>& paths) const {
  std::map<std::string, int> errors;
  if (paths.empty()) return errors;
  Command command;
  command.argv = {holder_program_, holder::try_option, mode};
  command.argv.insert(command.argv.end(), paths.begin(), paths.end());
  command.time_limit = try_limit;
  std::istringstream lines(run_checked(command).out);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.find(' ');
    if (blank == std::string::npos) continue;
    int number = 0;
    std::from_chars(line.data(), line.data() + blank, number);
    errors.emplace(line.substr(blank + 1), number);
  }
  return errors;
}

void LinuxDiskClaims::add_obstacles(const char* mode, const std::vector<domain::Disk>& disks,
                                    std::vector<domain::ExcludedDisk>& into) const {
  std::vector<std::string> paths;
  paths.reserve(disks.size());
  for (const auto& disk : disks) paths.push_back(disk.path);
  const auto errors = errors_of(mode, paths);
  for (const auto& path : paths) {
    if (const auto error = errors.find(path); error != errors.end()) {
      into.push_back(obstacle(path, error->second, files_));
    }
  }
}

/// For disks that are not held by us. A dead path says nothing about the disk; one in use means that the disk is in
/// use.
void LinuxDiskClaims::add_users_of_other_paths(const std::vector<domain::Disk>& disks,
                                               std::vector<domain::ExcludedDisk>& into) const {
  const auto others = other_paths_to(disks, files_);
  const auto errors = errors_of(holder::try_exclusive, paths_of(others));
  for (const auto& other : others) {
    const auto error = errors.find(other.path);
    if (error == errors.end() || error->second != EBUSY) continue;
    if (std::any_of(into.begin(), into.end(), [&](const auto& known) { return known.path == other.disk; })) continue;
    into.push_back({other.disk, domain::ExclusionReason::busy, in_use_by(other, files_)});
  }
}

std::vector<std::string> LinuxDiskClaims::other_paths_to_hold(const std::vector<domain::Disk>& disks) const {
  const auto others = other_paths_to(disks, files_);
  const auto errors = errors_of(holder::try_exclusive, paths_of(others));
  std::vector<std::string> paths;
  for (const auto& other : others) {
    const auto error = errors.find(other.path);
    if (error == errors.end()) paths.push_back(other.path);
    if (error != errors.end() && error->second == EBUSY) {
      throw Error(ErrorCode::disk, in_use_by(other, files_), remedy_for(EBUSY));
    }
  }
  return paths;
}

std::vector<domain::ExcludedDisk> LinuxDiskClaims::obstacles(const std::vector<domain::Disk>& disks) {
  const auto held = status();
  std::vector<domain::Disk> ours;
  std::vector<domain::Disk> others;
  for (const auto& disk : disks) {
    const bool is_ours = held && std::any_of(held->begin(), held->end(), [&](const HeldDisk& other) {
                           return other.path == disk.path && other.device == disk.device;
                         });
    (is_ours ? ours : others).push_back(disk);
  }
  std::vector<domain::ExcludedDisk> found;
  add_obstacles(holder::try_exclusive, others, found);
  add_users_of_other_paths(others, found);
  add_obstacles(holder::try_shared, ours, found);
  return found;
}

std::vector<std::string> LinuxDiskClaims::held() {
  std::vector<std::string> paths;
  if (const auto disks = status()) {
    for (const auto& disk : *disks) paths.push_back(disk.path);
  }
  return paths;
}

std::vector<std::string> LinuxDiskClaims::release() {
  const log::Timed timed("released the disks");
  std::optional<std::vector<std::string>> lines;
  try {
    lines = ask(socket_path_, holder::release_request, holder::released, release_limit);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    return {fmt::format("the disks were not flushed within {} s, and rescue-hold retries: one of them hangs (see "
                        "dmesg); the last writes may be lost",
                        std::chrono::duration_cast<std::chrono::seconds>(release_limit).count())};
  }
  if (!lines) {
    ::unlink(socket_path_.c_str());  // a killed holder leaves its socket behind
    return {};
  }
  std::vector<std::string> problems;
  for (const auto& line : *lines) {
    const std::string_view failed = holder::failed;
    problems.push_back(fmt::format("not everything could be written to {}; check the disk (smartctl -a) and its "
                                   "last writes",
                                   line.starts_with(failed) ? line.substr(failed.size()) : line));
  }
  return problems;
}

}  // namespace rescue::linux
