// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/wim_metadata.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <string_view>

namespace rescue::windows {
namespace {

constexpr std::size_t header_size = 208;
constexpr std::size_t part_offset = 0x28;
constexpr std::size_t parts_offset = 0x2a;
constexpr std::size_t blob_table_offset = 0x30;
constexpr std::size_t xml_offset = 0x48;
constexpr std::uint64_t largest_resource = 256U << 20U;  ///< a blob table has 50 bytes for each file of all editions

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

struct Resource {
  std::uint64_t offset;
  std::uint64_t size;
};

/// A resource header has the size in seven bytes, flags in one, the offset in eight.
Resource resource_at(std::string_view header, std::size_t offset) {
  return {little_endian(header, offset + 8, 8), little_endian(header, offset, 7)};
}

[[noreturn]] void fail_as_no_wim(const media::Medium& medium, const media::MediumFile& file, const char* problem) {
  throw Error(ErrorCode::precondition, fmt::format("{} of {} {}", file.path, medium.name(), problem),
              "Compare the checksum of the medium with Microsoft's, and copy it again.");
}

/// A solid resource, of an .esd, begins with its own size; libwim reads this when it reads the table of blobs.
void copy_solid_headers(const media::Medium& medium, const media::MediumFile& file, std::string_view table,
                        const SparseFile& out) {
  constexpr std::size_t entry_size = 50;
  constexpr std::uint64_t size_of_solid = std::uint64_t{1} << 32U;  ///< stands for "see the resource itself"
  constexpr std::size_t solid_header = 16;
  constexpr unsigned solid_flag = 0x10;
  for (std::size_t at = 0; at + entry_size <= table.size(); at += entry_size) {
    const auto offset = little_endian(table, at + 8, 8);
    if ((little_endian(table, at + 7, 1) & solid_flag) == 0 || little_endian(table, at + 16, 8) != size_of_solid)
      continue;
    if (offset > file.size || file.size - offset < solid_header) fail_as_no_wim(medium, file, "is cut off or damaged");
    out.write(medium.read(file, offset, solid_header), offset);
  }
}

/// Copies a resource and returns it.
std::string copy_resource(const media::Medium& medium, const media::MediumFile& file, const Resource& resource,
                          const SparseFile& out) {
  if (resource.size > largest_resource || resource.offset > file.size || resource.size > file.size - resource.offset) {
    fail_as_no_wim(medium, file, "is cut off or damaged");
  }
  auto bytes = medium.read(file, resource.offset, static_cast<std::size_t>(resource.size));
  out.write(bytes, resource.offset);
  return bytes;
}

void copy_metadata(const media::Medium& medium, const media::MediumFile& file, const std::string& header,
                   const std::string& path) {
  const SparseFile out(path, file.size);
  out.write(header, 0);
  const auto table = copy_resource(medium, file, resource_at(header, blob_table_offset), out);
  copy_solid_headers(medium, file, table, out);
  (void)copy_resource(medium, file, resource_at(header, xml_offset), out);
}

}  // namespace

WimMetadata::WimMetadata(const media::Medium& medium, const media::MediumFile& file) {
  using namespace std::string_view_literals;
  if (file.size < header_size) fail_as_no_wim(medium, file, "is no WIM file");
  const auto header = medium.read(file, 0, header_size);
  if (!header.starts_with("MSWIM\0\0\0"sv)) fail_as_no_wim(medium, file, "is no WIM file");
  part_ = static_cast<unsigned>(little_endian(header, part_offset, 2));
  parts_ = static_cast<unsigned>(little_endian(header, parts_offset, 2));
  if (part_ == 0 || part_ > parts_) fail_as_no_wim(medium, file, "has a damaged header");
  copy_metadata(medium, file, header, path());
}

}  // namespace rescue::windows
