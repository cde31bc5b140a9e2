// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/qemu_disks.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

namespace rescue::libvirt {
namespace {

constexpr const char* remedy = "Disks were added, removed or renamed: start the session again.";

/// "8:0", like sysfs; empty when the path leads to no block device. Does not touch a network file system by a
/// descriptor in /proc: the descriptor leads to the open file itself.
std::optional<std::string> block_number(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return std::nullopt;
  return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

Error blind(const std::string& why) {
  return Error(ErrorCode::hypervisor, "cannot find out which disks QEMU has open: " + why,
               "rescued must run as root on libvirt's own host.");
}

std::set<std::string> open_block_devices(const std::string& process) {
  std::set<std::string> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(process + "/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto link = entry->path().string();
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(link, gone).string();
    // Checks only files: stat on a descriptor of a network file system that is down would hang.
    if (gone || !target.starts_with('/')) continue;
    if (auto number = block_number(link)) numbers.insert(*std::move(number));
  }
  if (error) throw blind(process + "/fd: " + error.message());
  return numbers;
}

std::string process_of(const std::string& pid_file) {
  std::ifstream in(pid_file);
  unsigned long pid = 0;
  if (!(in >> pid) || pid == 0) throw blind("there is no process number in " + pid_file);
  return fmt::format("/proc/{}", pid);
}

}  // namespace

void require_named_disks(const std::vector<domain::Disk>& disks) {
  for (const auto& disk : disks) {
    const auto number = block_number(disk.path);
    if (number && *number == disk.device) continue;
    throw Error(ErrorCode::disk,
                fmt::format("{} is {}, not the device {} that was found", disk.path,
                            number ? "device " + *number : "no block device",
                            disk.device.empty() ? "(without a number)" : disk.device),
                remedy);
  }
}

void require_open_disks(const std::string& pid_file, const std::vector<domain::Disk>& disks) {
  const auto open = open_block_devices(process_of(pid_file));
  std::set<std::string> wanted;
  for (const auto& disk : disks) wanted.insert(disk.device);
  if (open == wanted) return;
  std::vector<std::string> foreign;
  std::vector<std::string> missing;
  std::set_difference(open.begin(), open.end(), wanted.begin(), wanted.end(), std::back_inserter(foreign));
  std::set_difference(wanted.begin(), wanted.end(), open.begin(), open.end(), std::back_inserter(missing));
  throw Error(ErrorCode::disk,
              fmt::format("QEMU has other disks open than those that are held: too much [{}], missing [{}]; QEMU was "
                          "ended before the guest ran",
                          fmt::join(foreign, ", "), fmt::join(missing, ", ")),
              remedy);
}

}  // namespace rescue::libvirt
