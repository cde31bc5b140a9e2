// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Health of disks by smartctl (smartmontools), which asks them and changes nothing.

#include "orchestrator/ports/disks.hpp"

#include <utility>

namespace rescue::linux {

class SmartHealth final : public ports::DiskHealthReader {
public:
  explicit SmartHealth(Milliseconds limit = Milliseconds(10'000), std::string program = "smartctl")
      : limit_(limit), program_(std::move(program)) {}

  [[nodiscard]] std::vector<domain::DiskHealth> read(const std::vector<domain::Disk>& disks) override;

private:
  [[nodiscard]] domain::DiskHealth read_one(const domain::Disk& disk) const;
  Milliseconds limit_;
  std::string program_;
};

}  // namespace rescue::linux
