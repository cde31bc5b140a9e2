// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One name in a folder of a volume, as a value that crosses processes.

#include <cstdint>
#include <string>

namespace rescue::disk {

enum class EntryKind : std::uint8_t { file, folder, link, other };

/// Properties of a file, as bits.
enum EntryFlag : std::uint32_t {
  entry_read_only = 1U << 0U,
  entry_hidden = 1U << 1U,
  entry_system = 1U << 2U,
  entry_compressed = 1U << 3U,    ///< by NTFS (LZNT1): can be read
  entry_sparse = 1U << 4U,        ///< ranges without clusters are zeros
  entry_encrypted = 1U << 5U,     ///< by EFS: can't be read
  entry_reparse_point = 1U << 6U  ///< a link, or content that another driver of Windows provides
};

struct FileEntry {
  std::string name;  ///< UTF-8; surrogates without a partner are three bytes each. May hold any byte but '/' and NUL
  EntryKind kind = EntryKind::file;
  std::uint32_t flags = 0;
  std::uint64_t size = 0;         ///< in bytes; of a file only
  std::int64_t modified = 0;      ///< seconds since 1970
  std::uint32_t nanoseconds = 0;  ///< of `modified`
  std::string problem;            ///< why its content can't be read; of a link: where it leads. Empty: it can
  std::uint64_t id{};             ///< record in the file table: a folder in two places, or in itself, is damaged
  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

}  // namespace rescue::disk
