// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Manifest of an image: its name, the profile of its guest, and its files. Format in images/README.md.

#include "core/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::images {

/// File of chunk digests (images/chunks.hpp), beside the manifest.
struct ChunkList {
  std::string name;
  std::string sha256;  ///< of the file of digests: the root of the hash tree
};

struct ImageFile {
  std::string name;    ///< file beside the manifest, without a folder
  std::string role;    ///< "system-disk"
  std::string format;  ///< "qcow2" or "raw"
  std::uint64_t size = 0;
  std::uint64_t virtual_size = 0;
  std::string sha256;                 ///< 64 hex digits, lower case
  std::optional<ChunkList> chunks{};  ///< none: the file can't be streamed, only downloaded as a whole
};

/// Profile as the manifest has it; the program that boots the image interprets it.
struct Profile {
  std::string os;        ///< "windows" or "standin"
  std::string firmware;  ///< "uefi" or "bios"
  std::string disk_bus;  ///< "virtio-scsi" or "sata"
  bool tpm = false;
  std::string administrator;
  std::vector<std::string> set_hostname;
};

struct Manifest {
  std::string name;
  std::string version;
  Profile profile;
  std::vector<ImageFile> files;

  /// Parses a manifest. Throws `config_invalid` with file, line and field.
  static Manifest parse(const Document& document);
  /// File with the role "system-disk".
  [[nodiscard]] const ImageFile& system_disk() const;
};

}  // namespace rescue::images
