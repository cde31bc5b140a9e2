// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/disk_bytes.hpp"

#include "core/error.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace rescue::disk {

DiskDescriptor::DiskDescriptor(int descriptor, unsigned file_sector_size)
    : descriptor_(descriptor), sector_size_(file_sector_size) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw system_error("cannot read the disk", errno);
  if (S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    return;
  }
  int sector = 0;
  if (!S_ISBLK(status.st_mode) || ::ioctl(descriptor, BLKGETSIZE64, &size_) != 0 ||
      ::ioctl(descriptor, BLKSSZGET, &sector) != 0) {
    throw Error(ErrorCode::io, "what was given is no disk", "Give a block device or an image file, open for reading.");
  }
  sector_size_ = static_cast<unsigned>(sector);
}

bool DiskDescriptor::read(void* into, std::size_t size, std::uint64_t offset) const noexcept {
  if (offset > size_ || size > size_ - offset) return false;
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const auto count = ::pread(descriptor_, at, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace rescue::disk
