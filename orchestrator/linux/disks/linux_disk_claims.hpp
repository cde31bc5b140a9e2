// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Holds disks through rescue-hold, a separate process: the claim survives a crash of rescued.

#include "orchestrator/linux/disks/occupancy.hpp"
#include "orchestrator/ports/disks.hpp"

#include <map>
#include <optional>
#include <string>

namespace rescue::linux {

/// Holds other paths to a disk with it if they answer; one that is in use counts as the disk in use. Stateless: asks
/// the holder what is held, so a restarted rescued finds it. A service manager that ends rescued must not end the
/// holder (systemd: KillMode=process).
class LinuxDiskClaims final : public ports::DiskClaims {
public:
  /// `holder_program` is the path of rescue-hold; `socket_path` is absolute, its folder is made (0700) if missing.
  LinuxDiskClaims(std::string holder_program, std::string socket_path, HostFiles files = {});

  /// Blocks for some ms, and up to 30 s for a disk that does not answer. Throws `disk`; `unavailable` when a holder
  /// exists and does not answer; `subprocess` when rescue-hold can't be started.
  void claim(const std::vector<domain::Disk>& disks) override;
  /// Blocks for 5 s at most. Throws `unavailable` when the holder does not answer.
  [[nodiscard]] std::vector<std::string> held() override;
  /// Blocks for some ms; for 0.5 s when a disk is busy, for 10 s when one hangs. Throws what `held` throws.
  [[nodiscard]] std::vector<domain::ExcludedDisk> obstacles(const std::vector<domain::Disk>& disks) override;
  /// Blocks during the flush, 60 s at most. A disk that can't be flushed is released too, and its unwritten data are
  /// lost; one that hangs stays with the holder, which retries.
  [[nodiscard]] std::vector<std::string> release() override;

private:
  struct HeldDisk {
    std::string device;
    std::string path;
  };
  [[nodiscard]] std::optional<std::vector<HeldDisk>> status() const;
  void start_holder(const std::vector<domain::Disk>& disks) const;
  void check_numbers(const std::vector<domain::Disk>& disks) const;
  void check_identities(const std::vector<domain::Disk>& disks) const;
  [[nodiscard]] std::vector<std::string> other_paths_to_hold(const std::vector<domain::Disk>& disks) const;
  [[nodiscard]] std::map<std::string, int> errors_of(const char* mode, const std::vector<std::string>& paths) const;
  void add_users_of_other_paths(const std::vector<domain::Disk>& disks, std::vector<domain::ExcludedDisk>& into) const;
  void add_obstacles(const char* mode, const std::vector<domain::Disk>& disks,
                     std::vector<domain::ExcludedDisk>& into) const;

  std::string holder_program_;
  std::string socket_path_;
  HostFiles files_;
};

/// User of a device that can't be held: "/dev/sda1 is mounted on /srv", or the processes that have it open, by name and
/// id. Never empty. `path` names a whole disk.
[[nodiscard]] std::string who_has(const std::string& path, const HostFiles& files);

}  // namespace rescue::linux
