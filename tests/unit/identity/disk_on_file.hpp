// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An image file of a disk, read and changed as the program does it with an overlay.

#include "core/handle.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/identity/patched_disk.hpp"
#include "tests/unit/windows_disk/inspected_image.hpp"

#include <fcntl.h>

#include <string>
#include <vector>

namespace rescue::identity {

using windows_disk::ImageFile;
using windows_disk::mebibyte;

class DiskOnFile {
public:
  explicit DiskOnFile(const std::string& path, unsigned sector_size = 512)
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), disk_(file_.get(), sector_size) {}

  [[nodiscard]] const disk::DiskBytes& bytes() const { return disk_; }
  [[nodiscard]] std::string at(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    if (!disk_.read(bytes.data(), size, offset)) throw std::logic_error("outside of the disk");
    return bytes;
  }
  void apply(const std::vector<Patch>& patches) const {
    for (const auto& patch : patches) windows_disk::patch(path_, patch.offset, patch.bytes);
  }

private:
  std::string path_;
  FileDescriptor file_;
  disk::DiskDescriptor disk_;
};

/// Output of a program; throws if it fails.
inline std::string output_of(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  const auto completed = run_checked(command);
  return completed.out + completed.err;
}

/// A value that blkid finds in a volume at this place of an image, without its cache.
inline std::string blkid_value(const std::string& image, const char* name, std::uint64_t offset) {
  auto text = output_of(
      {"blkid", "--probe", "--output", "value", "--match-tag", name, "--offset", std::to_string(offset), image});
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace rescue::identity
