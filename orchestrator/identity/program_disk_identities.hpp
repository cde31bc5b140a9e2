// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads and renews identities of disks by rescue-identity, a process for each.

#include "core/clock.hpp"
#include "orchestrator/ports/disk_identities.hpp"

#include <string>

namespace rescue::identity {

class ProgramDiskIdentities final : public ports::DiskIdentities {
public:
  /// `program` is the path of rescue-identity. Limits: for a disk, and for an overlay, whose image may be streamed.
  explicit ProgramDiskIdentities(std::string program, Milliseconds disk_limit = Milliseconds(10'000),
                                 Milliseconds overlay_limit = Milliseconds(120'000))
      : program_(std::move(program)), disk_limit_(disk_limit), overlay_limit_(overlay_limit) {}

  [[nodiscard]] std::vector<domain::IdentifiedDisk> identify(const std::vector<domain::Disk>& disks) override;
  [[nodiscard]] domain::DiskIdentity show(const std::string& overlay) override;
  [[nodiscard]] domain::RenewedIdentity renew(const std::string& overlay,
                                              const std::vector<std::string>& taken) override;

private:
  [[nodiscard]] domain::IdentifiedDisk identify_one(const domain::Disk& disk) const;

  const std::string program_;
  const Milliseconds disk_limit_;
  const Milliseconds overlay_limit_;
};

}  // namespace rescue::identity
