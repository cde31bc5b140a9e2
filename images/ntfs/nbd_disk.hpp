// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the disk in an image file, whatever its format: qemu-nbd opens the image, read-only, and serves it over a
// socket pair to this process alone.

#include "core/disk/disk_bytes.hpp"

#include <memory>
#include <string>

struct nbd_handle;

namespace rescue::ntfs {

class NbdDisk final : public disk::DiskBytes {
public:
  /// Starts qemu-nbd for the image. `format`: as QEMU names it; never guessed from the content. Throws `precondition`
  /// if qemu-nbd can't open the image. Blocks until it is open, some 100 ms.
  NbdDisk(const std::string& format, const std::string& image);

  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  [[nodiscard]] unsigned sector_size() const noexcept override { return 512; }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override;

private:
  struct Close {
    void operator()(nbd_handle* handle) const noexcept;
  };
  std::unique_ptr<nbd_handle, Close> handle_;
  std::uint64_t size_ = 0;
};

}  // namespace rescue::ntfs
