// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Identities of disks in memory.

#include "core/error.hpp"
#include "orchestrator/ports/disk_identities.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

/// A GPT disk with one partition.
[[nodiscard]] inline domain::DiskIdentity gpt_identity(const std::string& id, const std::string& partition_id = "",
                                                       const std::string& serial = "") {
  return {domain::TableKind::gpt, id, {{1, partition_id, serial}}};
}

class FakeDiskIdentities final : public ports::DiskIdentities {
public:
  std::map<std::string, domain::DiskIdentity> disks;  ///< by path; others have no table
  std::map<std::string, std::string> problems;        ///< by path: why it can't be read
  domain::DiskIdentity image = gpt_identity("11111111-1111-4111-8111-111111111111");
  domain::DiskIdentity fresh = gpt_identity("22222222-2222-4222-8222-222222222222");
  std::string kept_because;              ///< why the system disk keeps the image's identity
  std::optional<Error> renewal_failure;  ///< thrown by renew, which has written half of it
  std::vector<std::string> renewed;      ///< overlays, in the order of `renew`
  std::vector<std::string> taken;        ///< of the last `renew`

  std::vector<domain::IdentifiedDisk> identify(const std::vector<domain::Disk>& wanted) override {
    std::vector<domain::IdentifiedDisk> all;
    for (const auto& disk : wanted) {
      const auto found = disks.find(disk.path);
      all.push_back({disk.path, found == disks.end() ? domain::DiskIdentity{} : found->second, problems[disk.path]});
    }
    return all;
  }
  domain::DiskIdentity show(const std::string&) override { return image; }
  domain::RenewedIdentity renew(const std::string& overlay, const std::vector<std::string>& numbers) override {
    renewed.push_back(overlay);
    taken = numbers;
    if (renewal_failure) throw Error(*renewal_failure);
    return kept_because.empty() ? domain::RenewedIdentity{fresh} : domain::RenewedIdentity{image, kept_because};
  }
};

}  // namespace rescue::tests
