// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes disks whose boot configuration and registry name their own identity, as those of an installed Windows do.

#include "tests/unit/prepared/prepared_windows.hpp"

#include <string>

namespace rescue::identity {

inline const std::string image_disk_guid = "10000000-0000-4000-8000-0123456789ab";
inline const std::string image_esp_guid = "20000000-0000-4000-8000-0123456789ab";
inline const std::string image_windows_guid = "30000000-0000-4000-8000-0123456789ab";
inline const std::string image_signature = "1a2b3c4d";

struct WindowsImage {
  /// Changes the content before the disk is made.
  explicit WindowsImage(bool mbr = false) { content.mbr = mbr; }
  /// Makes a raw image with a GPT or an MBR, a system partition with a BCD that is in several pieces, and a Windows
  /// with drive letters; returns its path.
  std::string make();

  tests::WindowsContent content;
  tests::PreparedWindows files;

private:
  [[nodiscard]] std::string device() const;
  void put_boot_configuration(const std::string& disk) const;
};

}  // namespace rescue::identity
