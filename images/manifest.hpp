// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An image's manifest: its name, what guest it makes, and the files it is made of. Format in images/README.md.

#include "core/document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::images {

struct ImageFile {
  std::string name;    ///< beside the manifest; no folder in it
  std::string role;    ///< "system-disk"
  std::string format;  ///< "qcow2" or "raw"
  std::uint64_t size = 0;
  std::uint64_t virtual_size = 0;
  std::string sha256;  ///< 64 hex digits, lower case
};

/// The words of the manifest; who boots the image gives them their meaning.
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

  /// Throws `config_invalid` with file, line and field.
  static Manifest parse(const Document& document);
  /// The one file with the role "system-disk".
  [[nodiscard]] const ImageFile& system_disk() const;
};

}  // namespace rescue::images
