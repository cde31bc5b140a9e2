// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/cpio_archive.hpp"

#include "core/secret.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <iterator>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr std::size_t alignment = 4;

std::size_t padded(std::size_t size) { return (size + alignment - 1) / alignment * alignment; }

/// Grows into new memory, and wipes the old: it may hold a token.
void make_room(std::string& bytes, std::size_t more) {
  if (bytes.size() + more <= bytes.capacity()) return;
  std::string larger;
  larger.reserve((bytes.size() + more) * 2);
  larger = bytes;
  wipe(bytes);
  bytes = std::move(larger);
}

}  // namespace

void CpioArchive::add(std::string_view path, mode_t mode, std::string_view content) {
  constexpr std::size_t header = 110;
  make_room(bytes_, padded(header + path.size() + 1) + padded(content.size()));
  ++inode_;
  // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  fmt::format_to(std::back_inserter(bytes_),
                 "070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", inode_, mode,
                 0, 0, S_ISDIR(mode) ? 2 : 1, 0, content.size(), 0, 0, 0, 0, path.size() + 1, 0);
  bytes_ += path;
  bytes_ += '\0';
  bytes_.resize(padded(bytes_.size()));
  bytes_ += content;
  bytes_.resize(padded(bytes_.size()));
}

void CpioArchive::add_folder(std::string_view path, mode_t mode) { add(path, S_IFDIR | mode, {}); }

void CpioArchive::add_file(std::string_view path, mode_t mode, std::string_view content) {
  add(path, S_IFREG | mode, content);
}

std::string CpioArchive::finish() && {
  add("TRAILER!!!", 0, {});
  return std::move(bytes_);
}

}  // namespace rescue::netboot
