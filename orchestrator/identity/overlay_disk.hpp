// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The disk in a session's overlay, whatever its image is: qemu-nbd opens the overlay and serves it to this process
// alone.

#include "core/disk/disk_bytes.hpp"
#include "orchestrator/identity/patched_disk.hpp"

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

struct nbd_handle;

namespace rescue::identity {

enum class Access { read_only, read_write };

class OverlayDisk final : public disk::DiskBytes {
public:
  /// Starts qemu-nbd for the qcow2 file and connects to it, over a socket that has no name any more when this returns.
  /// Later reads and writes need no system call but those of `calls_of_overlay_disk`. Throws `unavailable` if qemu-nbd
  /// can't open the file. Blocks until it is open, some 100 ms.
  OverlayDisk(const std::string& path, Access access);
  /// Ends the connection, and qemu-nbd with it.
  ~OverlayDisk() override;

  [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
  [[nodiscard]] unsigned sector_size() const noexcept override { return 512; }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override;
  /// Writes all of them, in their order. Throws `io`.
  void write(const std::vector<Patch>& patches);
  /// Ends the connection and waits until qemu-nbd has written everything to the file and closed it. Throws `io` if it
  /// has not ended well.
  void close();

private:
  struct Close {
    void operator()(nbd_handle* handle) const noexcept;
  };
  void connect(const std::string& path, Access access);
  int end() noexcept;

  std::unique_ptr<nbd_handle, Close> handle_;
  pid_t server_ = -1;
  std::uint64_t size_ = 0;
};

/// System calls that an OverlayDisk needs, beside those of reading a descriptor.
[[nodiscard]] std::vector<int> calls_of_overlay_disk();

}  // namespace rescue::identity
