// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes of a disk: both copies of its GPT, and the FAT volume that it is as a whole.
#include "core/disk/fat_volume.hpp"
#include "core/disk/gpt.hpp"
#include "core/error.hpp"
#include "expect.hpp"
#include "memory_disk.hpp"

#include <cstdint>
#include <string>

namespace {

using rescue::fuzz::expect;

std::uint64_t pieces_of(const rescue::disk::FatVolume& volume, const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto& extent : volume.extents_of(path).value_or(std::vector<rescue::disk::Extent>()))
    bytes += extent.bytes;
  return bytes;
}

void read_all(const rescue::disk::FatVolume& volume, const std::string& folder, unsigned depth) {
  constexpr std::size_t most_names = 8;
  std::size_t names = 0;
  expect(volume.items_in(folder).size() == volume.names_in(folder).size(), "each item of a folder has a name");
  for (const auto& name : volume.names_in(folder)) {
    if (++names > most_names) return;
    const auto path = folder + "/" + name;
    const auto size = volume.size_of(path);
    const auto content = volume.read(path, 64U << 10U);
    if (content && size) expect(content->size() == *size, "a file is as long as its entry says");
    if (content) expect(pieces_of(volume, path) == content->size(), "a file that can be read is whole on the disk");
    if (!size && depth > 0) read_all(volume, path, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const rescue::fuzz::MemoryDisk disk(data, size);
  (void)rescue::disk::check_gpt(disk);
  try {
    const rescue::disk::FatVolume volume(disk, 0, disk.size());
    read_all(volume, "", 3);
  } catch (const rescue::Error&) {
  }
  return 0;
}
