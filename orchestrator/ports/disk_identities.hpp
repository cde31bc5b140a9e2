// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port for what Windows tells disks apart by: that of the server's disks, and that of the guest's system disk.

#include "orchestrator/domain/disk.hpp"
#include "orchestrator/domain/disk_identity.hpp"

#include <string>
#include <vector>

namespace rescue::ports {

class DiskIdentities {
public:
  virtual ~DiskIdentities() = default;
  /// Reads the identity of each disk, in their order; of one that can't be read the reason. Reads some sectors. Blocks
  /// for some 10 ms, and up to ten seconds for a slow disk.
  [[nodiscard]] virtual std::vector<domain::IdentifiedDisk> identify(const std::vector<domain::Disk>& disks) = 0;
  /// Reads the identity of the disk in an overlay. Only without a guest. Throws `subprocess`, `timeout`.
  [[nodiscard]] virtual domain::DiskIdentity show(const std::string& overlay) = 0;
  /// Gives the disk in the overlay a new identity that has none of these numbers, or says why it keeps that of its
  /// image. Writes to the overlay only; only without a guest. Blocks for some 100 ms, for a streamed image until the
  /// parts that it needs are fetched. Throws `subprocess`, `timeout`: then discard the overlay, some of it may have
  /// been written.
  [[nodiscard]] virtual domain::RenewedIdentity renew(const std::string& overlay,
                                                      const std::vector<std::string>& taken) = 0;
};

}  // namespace rescue::ports
