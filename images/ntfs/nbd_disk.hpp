// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the disk in an image file, whatever its format: qemu-nbd opens the image, read-only, and serves it over a
// socket pair to this process alone.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct nbd_handle;

namespace rescue::ntfs {

class NbdDisk {
public:
  /// Starts qemu-nbd for the image. `format`: as QEMU names it; never guessed from the content. Throws `precondition`
  /// if qemu-nbd can't open the image. Blocks until it is open, some 100 ms.
  NbdDisk(const std::string& format, const std::string& image);

  /// Size of the disk, in bytes.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Reads `size` bytes at `offset`. Returns false if the range is outside of the disk, or can't be read.
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept;

private:
  struct Close {
    void operator()(nbd_handle* handle) const noexcept;
  };
  std::unique_ptr<nbd_handle, Close> handle_;
  std::uint64_t size_ = 0;
};

}  // namespace rescue::ntfs
