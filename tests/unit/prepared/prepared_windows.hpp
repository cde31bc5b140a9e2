// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes disks with what the contract asks of a prepared Windows: a partition table, a FAT and an NTFS volume by their
// own tools, hives by hivex. No Windows is in them.

#include "tests/doubles/scratch_folder.hpp"
#include "tests/unit/prepared/hive_builder.hpp"

#include <map>
#include <string>
#include <vector>

namespace rescue::tests {

/// True if the programs that make such disks are installed; otherwise a test skips.
[[nodiscard]] bool can_make_windows();

/// Content of the disk; the default keeps the contract.
struct WindowsContent {
  WindowsContent();
  /// Changes or adds a value.
  void set(const std::string& hive, const std::string& key, const std::string& name,
           std::variant<std::uint32_t, std::string, Binary> data);
  void remove(const std::string& key, const std::string& name);

  std::vector<RegistryValue> registry;
  std::map<std::string, std::string> files;  ///< path on the volume: content
  std::vector<std::string> wof_compressed;   ///< files with the reparse point of WOF, and no data
  std::vector<std::string> dirty_hives;
  bool mbr = false;
  bool recovery_partition = false;
  bool volume_is_dirty = false;
};

class PreparedWindows {
public:
  /// Makes an image NAME.EXTENSION in a QEMU format; returns its path.
  std::string make(const WindowsContent& content, const std::string& format = "qcow2",
                   const std::string& extension = "qcow2");
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.file(name); }
  std::string write(const std::string& name, const std::string& bytes) const { return folder_.write(name, bytes); }
  void run_here(std::vector<std::string> argv) const;

private:
  std::string volume_of(const WindowsContent& content) const;
  std::string disk_of(const WindowsContent& content) const;
  ScratchFolder folder_;
  unsigned made_ = 0;
};

/// INF of a driver with this DriverVer.
[[nodiscard]] std::string inf_of(const std::string& driver_version);

}  // namespace rescue::tests
