// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Disks made of files, for tests of the kernel's rules for opening, mounting and holding them.

#include "core/subprocess.hpp"
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"
#include "tests/integration/loop_device.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace rescue::tests {

/// Why loop devices can't be used here; empty if they can.
inline std::string loop_devices_missing() {
  if (::geteuid() != 0) return "needs root (loop devices, mounts)";
  if (::access("/dev/loop-control", R_OK | W_OK) != 0) return "needs /dev/loop-control";
  if (::access("/usr/sbin/losetup", X_OK) != 0) return "needs losetup (package mount)";
  return {};
}

class Folder {
public:
  Folder() {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_ = "/tmp/rescue-disks.XXXXXX";
};

inline std::string output_of(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  auto out = run_checked(command).out;
  out.erase(out.find_last_not_of('\n') + 1);
  return out;
}

/// A loop device over a file with an ext4, or with one partition that starts at 1 MiB.
class LoopDisk {
public:
  enum class Content { ext4, partition };
  LoopDisk(const std::string& name, Content content) {
    const auto file = loop_file(name);
    std::ofstream(file).close();
    std::filesystem::resize_file(file, std::uintmax_t{32} << 20);
    if (content == Content::ext4) output_of({"mkfs.ext4", "-q", "-F", file});
    path_ = attach_loop_device(file, {"--partscan"});
    if (path_.empty()) throw std::runtime_error("losetup attaches no loop device to " + file);
    // Without a table on the disk: the machine's kernel may not support its format.
    if (content == Content::partition) output_of({"addpart", path_, "1", "2048", "61440"});
  }
  ~LoopDisk() { detach_loop_device(path_); }
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string partition() const { return path_ + "p1"; }
  [[nodiscard]] domain::Disk disk() const {
    domain::Disk disk;
    disk.path = path_;
    disk.device = linux::resolve_path(path_).device;
    disk.size_bytes = std::uint64_t{32} << 20;
    return disk;
  }

private:
  std::string path_;
};

/// A mount, undone on destruction. `error()` is 0 if it succeeded.
class Mounted {
public:
  Mounted(const std::string& device, std::string target) : target_(std::move(target)) {
    std::filesystem::create_directory(target_);
    error_ = ::mount(device.c_str(), target_.c_str(), "ext4", 0, "") == 0 ? 0 : errno;
  }
  ~Mounted() {
    if (error_ == 0) ::umount(target_.c_str());
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  [[nodiscard]] int error() const { return error_; }

private:
  std::string target_;
  int error_ = 0;
};

}  // namespace rescue::tests
