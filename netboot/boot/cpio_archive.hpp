// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A cpio archive in memory, which the kernel unpacks as one more initrd.

#include <sys/types.h>

#include <string>
#include <string_view>

namespace rescue::netboot {

/// Writes "newc" of the kernel's Documentation/driver-api/early-userspace/buffer-format.rst. Owned by root and without
/// times: equal content gives equal bytes.
class CpioArchive {
public:
  void add_folder(std::string_view path, mode_t mode);
  void add_file(std::string_view path, mode_t mode, std::string_view content);
  /// Returns the archive with its trailer. Nothing can be added afterwards.
  [[nodiscard]] std::string finish() &&;

private:
  void add(std::string_view path, mode_t mode, std::string_view content);

  std::string bytes_;
  unsigned inode_ = 0;
};

}  // namespace rescue::netboot
