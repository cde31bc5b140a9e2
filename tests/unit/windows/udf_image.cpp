// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/windows/udf_image.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace rescue::tests {
namespace {

constexpr std::size_t sector = 2048;
constexpr std::uint16_t partition_tag = 5;
constexpr std::uint16_t file_entry_tag = 261;
constexpr std::uint64_t longest_extent = 0x3FFFF800;

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void put(std::string& bytes, std::size_t at, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFFU);
}

/// CRC of ECMA-167 3/7.2.6: polynomial 0x1021, initially 0.
std::uint16_t crc_of(std::string_view bytes) {
  unsigned crc = 0;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8U;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1U ^ 0x1021U) : crc << 1U;
  }
  return static_cast<std::uint16_t>(crc & 0xFFFFU);
}

/// A sector with a descriptor of ECMA-167.
struct Descriptor {
  std::size_t number;
  std::string bytes;

  void seal(std::size_t size) {
    put(bytes, 10, 2, size - 16);
    put(bytes, 8, 2, crc_of(std::string_view(bytes).substr(16, size - 16)));
    bytes[4] = 0;
    unsigned sum = 0;
    for (std::size_t i = 0; i < 16; ++i) sum += static_cast<unsigned char>(bytes[i]);
    bytes[4] = static_cast<char>(sum & 0xFFU);
  }
  void write(std::fstream& file) const {
    file.seekp(static_cast<std::streamoff>(number * sector));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
};

template <class Predicate>
std::vector<Descriptor> descriptors(std::fstream& file, std::uint16_t tag, Predicate is_wanted) {
  std::vector<Descriptor> found;
  std::string bytes(sector, '\0');
  file.seekg(0);
  for (std::size_t number = 0; file.read(bytes.data(), sector); ++number) {
    if (get(bytes, 0, 2) == tag && get(bytes, 12, 4) <= number && is_wanted(bytes)) found.push_back({number, bytes});
  }
  file.clear();
  return found;
}

Descriptor file_entry(std::fstream& file, std::uint64_t size) {
  const auto has_size = [&](const std::string& bytes) { return get(bytes, 56, 8) == size && get(bytes, 27, 1) == 5; };
  const auto found = descriptors(file, file_entry_tag, has_size);
  if (found.size() != 1) throw std::runtime_error("not one file of this size");
  if ((get(found[0].bytes, 34, 2) & 7U) != 0) throw std::runtime_error("no short allocation descriptors");
  return found[0];
}

std::vector<Descriptor> partitions(std::fstream& file) {
  return descriptors(file, partition_tag, [](const std::string&) { return true; });
}

std::uint64_t first_byte(const Descriptor& entry, const Descriptor& partition) {
  const auto allocation = 176 + get(entry.bytes, 168, 4);
  return (get(partition.bytes, 188, 4) + get(entry.bytes, allocation + 4, 4)) * sector;
}

void write_at(std::fstream& file, std::uint64_t offset, std::string_view bytes) {
  file.seekp(static_cast<std::streamoff>(offset));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("cannot write the image");
}

}  // namespace

void grow_udf_file(const std::string& image, std::uint64_t old_size, std::uint64_t new_size, std::string_view end) {
  std::fstream file(image, std::ios::in | std::ios::out | std::ios::binary);
  auto entry = file_entry(file, old_size);
  auto all_partitions = partitions(file);
  const auto start = first_byte(entry, all_partitions.at(0));
  auto at = 176 + get(entry.bytes, 168, 4);
  auto block = get(entry.bytes, at + 4, 4);
  const auto allocations = at;
  put(entry.bytes, 56, 8, new_size);
  put(entry.bytes, 64, 8, (new_size + sector - 1) / sector);
  for (auto left = new_size; left > 0; at += 8) {
    const auto length = std::min(left, longest_extent);
    put(entry.bytes, at, 4, length);
    put(entry.bytes, at + 4, 4, block);
    block += length / sector;
    left -= length;
  }
  put(entry.bytes, 172, 4, at - allocations);
  entry.seal(at);
  entry.write(file);
  for (auto& partition : all_partitions) {
    put(partition.bytes, 192, 4, block + 1);
    partition.seal(512);
    partition.write(file);
  }
  write_at(file, start + new_size - end.size(), end);
  file.close();
  std::filesystem::resize_file(image, (start + new_size + 300 * sector) / sector * sector);
}

void overwrite_udf_file(const std::string& image, std::uint64_t size, std::string_view bytes) {
  std::fstream file(image, std::ios::in | std::ios::out | std::ios::binary);
  write_at(file, first_byte(file_entry(file, size), partitions(file).at(0)), bytes);
}

}  // namespace rescue::tests
