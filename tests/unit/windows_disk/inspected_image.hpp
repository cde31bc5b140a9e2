// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Raw images of disks, changed byte by byte, and what an inspection says of them.

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/windows/inspection.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace rescue::windows_disk {

inline constexpr std::uint64_t mebibyte = 1U << 20U;

inline domain::DiskFacts inspected(const std::string& image, unsigned sector_size = 512) {
  const FileDescriptor file(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
  const tests::ScratchFolder scratch;
  auto facts = inspect(file.get(), scratch.file(""), sector_size);
  if (!std::filesystem::is_empty(scratch.file(""))) throw std::logic_error("a copy of a hive was left");
  return facts;
}

inline void patch(const std::string& image, std::uint64_t offset, const std::string& bytes) {
  std::fstream file(image, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
}

/// An image of zeros.
class ImageFile {
public:
  explicit ImageFile(std::uint64_t bytes) {
    std::ofstream(path(), std::ios::binary).close();
    std::filesystem::resize_file(path(), bytes);
  }
  [[nodiscard]] std::string path() const { return folder_.file("disk.raw"); }
  void run_on_it(std::vector<std::string> argv) const {
    argv.push_back(path());
    Command command;
    command.argv = std::move(argv);
    run_checked(command);
  }
  void put(std::uint64_t offset, const std::string& bytes) const { patch(path(), offset, bytes); }
  [[nodiscard]] domain::DiskFacts facts(unsigned sector_size = 512) const { return inspected(path(), sector_size); }

private:
  tests::ScratchFolder folder_;
};

}  // namespace rescue::windows_disk
