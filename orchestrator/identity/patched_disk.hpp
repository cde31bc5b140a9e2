// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changes to a disk before they are written: they can be looked at as if they were on it.

#include "core/disk/disk_bytes.hpp"

#include <string>
#include <vector>

namespace rescue::identity {

struct Patch {
  std::uint64_t offset = 0;  ///< in bytes
  std::string bytes;
  friend bool operator==(const Patch&, const Patch&) = default;
};

class PatchedDisk final : public disk::DiskBytes {
public:
  /// Both must live as long.
  PatchedDisk(const disk::DiskBytes& disk, const std::vector<Patch>& patches) : disk_(disk), patches_(patches) {}

  [[nodiscard]] std::uint64_t size() const noexcept override { return disk_.size(); }
  [[nodiscard]] unsigned sector_size() const noexcept override { return disk_.sector_size(); }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override;

private:
  const disk::DiskBytes& disk_;
  const std::vector<Patch>& patches_;
};

}  // namespace rescue::identity
