// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/image_form.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string_view>

namespace rescue::media {
namespace {

constexpr std::size_t sector = 2048;
constexpr std::size_t first_descriptor = 16;  ///< sector of the first volume descriptor
constexpr std::size_t sectors_read = 64;

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string beginning_of(const FileDescriptor& file, const std::string& path) {
  std::string bytes(sectors_read * sector, '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto got = ::pread(file.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("cannot read " + path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

/// The primary volume descriptor has the size of the volume, in sectors, at offset 80 (ECMA-119 8.4.8).
void require_whole(const std::string& path, std::string_view descriptor, std::uint64_t size) {
  constexpr char primary = 1;
  if (descriptor[0] != primary) return;
  const auto stated = std::uint64_t{little_endian_32(descriptor.substr(80, 4))} * sector;
  if (size >= stated) return;
  throw Error(ErrorCode::precondition,
              fmt::format("{} is cut off: it has {} of the {} bytes of its volume", path, size, stated),
              "Copy or download the image again, and compare its checksum with the vendor's.");
}

}  // namespace

ImageForm image_form(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw system_error("cannot open " + path, errno, "Check its permissions.");
  const auto size = ::lseek(file.get(), 0, SEEK_END);  // of a file or of a drive: fstat has none for drives
  if (size < 0) throw system_error("cannot read " + path, errno);
  const auto bytes = beginning_of(file, path);
  if (bytes.starts_with("PK\x03\x04")) return ImageForm::zip;
  auto form = ImageForm::other;
  for (std::size_t at = first_descriptor * sector; at + sector <= bytes.size(); at += sector) {
    const auto descriptor = std::string_view(bytes).substr(at, sector);
    const auto identifier = descriptor.substr(1, 5);
    if (identifier == "NSR02" || identifier == "NSR03") return ImageForm::udf;
    if (identifier == "CD001") {
      require_whole(path, descriptor, static_cast<std::uint64_t>(size));
      form = ImageForm::iso9660;
    } else if (identifier != "BEA01") {
      break;
    }
  }
  return form;
}

}  // namespace rescue::media
