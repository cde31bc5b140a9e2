// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A disk whose bytes are the fuzzer's.

#include "core/disk/disk_bytes.hpp"

#include <cstdint>
#include <cstring>

namespace rescue::fuzz {

class MemoryDisk final : public rescue::disk::DiskBytes {
public:
  MemoryDisk(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  [[nodiscard]] unsigned sector_size() const noexcept override { return 512; }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override {
    if (offset > size_ || size > size_ - offset) return false;
    if (size > 0) std::memcpy(into, data_ + offset, size);
    return true;
  }

private:
  const std::uint8_t* data_;
  std::size_t size_;
};

}  // namespace rescue::fuzz
