// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/archive_medium.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace rescue::media {
namespace {

using Archive = Handle<archive, archive_read_free>;

constexpr std::size_t block = 65'536;

[[noreturn]] void fail_as_damaged(const std::string& path, archive* reader) {
  const char* reason = reader != nullptr ? archive_error_string(reader) : nullptr;
  throw Error(ErrorCode::precondition,
              fmt::format("cannot read {}: {}", path, reason != nullptr ? reason : "no memory"),
              "Compare the checksum of the file with its vendor's, and copy it again.");
}

Archive open_archive(const std::string& path) {
  Archive reader(archive_read_new());
  if (!reader) fail_as_damaged(path, nullptr);
  archive_read_support_format_iso9660(reader.get());
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), block) != ARCHIVE_OK) fail_as_damaged(path, reader.get());
  return reader;
}

/// The next regular file; null at the end.
archive_entry* next_file(archive* reader, const std::string& path) {
  archive_entry* entry = nullptr;
  for (;;) {
    const int result = archive_read_next_header(reader, &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail_as_damaged(path, reader);
    if (archive_entry_filetype(entry) == AE_IFREG) return entry;
  }
}

/// Zips of Windows programs may have '\\' between folders. None for a name that is no UTF-8.
std::optional<std::string> name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) return std::nullopt;
  std::string text = name;
  for (char& c : text) {
    if (c == '\\') c = '/';
  }
  while (text.starts_with("./")) text.erase(0, 2);
  return text;
}

}  // namespace

ArchiveMedium::ArchiveMedium(const std::string& path, const std::string& form) : Medium(path, form) {
  const auto reader = open_archive(path);
  std::vector<MediumFile> files;
  while (auto* const entry = next_file(reader.get(), path)) {
    auto name = name_of(entry);
    if (!name) continue;
    if (files.size() == most_files) fail_with_too_many_files();
    files.push_back({std::move(*name), static_cast<std::uint64_t>(archive_entry_size(entry))});
  }
  set_files(std::move(files));
}

std::string ArchiveMedium::read(const MediumFile& file, std::uint64_t offset, std::size_t size) const {
  const auto reader = open_archive(name());
  while (auto* const entry = next_file(reader.get(), name())) {
    if (name_of(entry) != file.path) continue;
    const auto read_next = [&](std::string& bytes, std::size_t have, std::size_t most) {
      const auto got = archive_read_data(reader.get(), bytes.data() + have, most);
      if (got < 0) fail_to_read(file, archive_error_string(reader.get()));
      if (got == 0) fail_to_read(file, "it ends before its size");
      return static_cast<std::size_t>(got);
    };
    std::string skipped(block, '\0');  // a hostile archive can state any offset
    for (auto left = offset; left > 0;) left -= read_next(skipped, 0, std::min<std::uint64_t>(left, block));
    std::string bytes(size, '\0');
    for (std::size_t have = 0; have < size;) have += read_next(bytes, have, size - have);
    return bytes;
  }
  fail_to_read(file, "it is no longer there");
}

}  // namespace rescue::media
