// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bytes of a disk, for readers that must not change it.

#include "core/handle.hpp"

#include <cstddef>
#include <cstdint>

namespace rescue::disk {

class DiskBytes {
public:
  DiskBytes() = default;
  virtual ~DiskBytes() = default;
  DiskBytes(const DiskBytes&) = delete;
  DiskBytes& operator=(const DiskBytes&) = delete;

  /// Size of the disk, in bytes.
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
  /// Logical block size, in bytes: partition tables count in it.
  [[nodiscard]] virtual unsigned sector_size() const noexcept = 0;
  /// The disk as an open file; -1 if it is none.
  [[nodiscard]] virtual int descriptor() const noexcept { return -1; }
  /// Reads `size` bytes at `offset`. Returns false if the range is outside of the disk, or can't be read.
  [[nodiscard]] virtual bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept = 0;
};

/// A block device or image file that is open for reading.
class DiskDescriptor final : public DiskBytes {
public:
  /// Takes a block device's size and sector size from the kernel; a file counts in `file_sector_size`. Throws `io`.
  /// `descriptor` stays the caller's, and must be open as long.
  explicit DiskDescriptor(int descriptor, unsigned file_sector_size = 512);

  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  [[nodiscard]] unsigned sector_size() const noexcept override { return sector_size_; }
  [[nodiscard]] int descriptor() const noexcept override { return descriptor_; }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override;

private:
  int descriptor_;
  std::uint64_t size_ = 0;
  unsigned sector_size_;
};

}  // namespace rescue::disk
