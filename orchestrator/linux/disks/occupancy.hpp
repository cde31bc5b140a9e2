// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the disks that the host itself uses, through md, dm, bcache, loop and overlay down to the hardware.

#include "orchestrator/linux/disks/block_devices.hpp"
#include "orchestrator/linux/disks/mounts.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rescue::linux {

struct HostFiles {
  std::string sysfs = "/sys";
  std::string mountinfo = "/proc/self/mountinfo";
  std::string init_mountinfo = "/proc/1/mountinfo";  ///< our mount namespace may hide the host's mounts
  std::string swaps = "/proc/swaps";
};

struct Usage {
  enum class Kind { host_root, mounted, assembled } kind{};
  std::string detail;  ///< "/dev/sda2 is mounted on /srv", for people
};

class Occupancy {
public:
  /// `devices` must outlive this. Throws `io` when our own mounts can't be read: unknown does not count as free.
  Occupancy(const BlockDevices& devices, const HostFiles& files);

  /// The most serious use of the whole device or of its partitions; none when the host does not use it.
  [[nodiscard]] std::optional<Usage> of(const BlockDevice& disk) const;

  /// Numbers of all whole devices below this one, without itself.
  [[nodiscard]] std::set<std::string> below(const BlockDevice& device) const;

private:
  struct Use {
    Usage usage;
    std::string disk;  ///< device number of a whole device
  };
  void add_mounts(const std::vector<Mount>& mounts);
  void add_swaps(const std::vector<std::string>& sources);
  void add_btrfs(const std::string& sysfs_root);
  void add_backings();
  void add(const std::string& device, Usage::Kind kind, const std::string& what);
  /// Adds the whole devices below `device` to `disks`, and the uses that it finds on the way.
  void descend(const std::string& device, std::set<std::string>& seen, std::vector<std::string>& disks) const;
  void descend_folder(const std::string& path, std::set<std::string>& seen, std::vector<std::string>& disks) const;
  [[nodiscard]] std::string device_of_mount(const Mount& mount) const;
  [[nodiscard]] std::string device_behind(const BlockDevice& device) const;
  [[nodiscard]] std::string device_of_source(const std::string& source) const;
  [[nodiscard]] std::optional<Usage> assembled(const BlockDevice& disk) const;

  const BlockDevices& devices_;
  std::vector<Mount> mounts_;
  std::vector<Use> uses_;
};

}  // namespace rescue::linux
