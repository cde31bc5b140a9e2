// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes what makes a checked qcow2 an image that rescued boots: digests of chunks, manifest, signature.

#include "images/windows/release.hpp"

#include <string>

namespace rescue::prepared {

struct Publication {
  std::string folder;   ///< has the qcow2; gets the other files beside it
  std::string file;     ///< "windows-2025.qcow2"
  std::string name;     ///< "windows-2025"
  std::string version;  ///< "2026.11.30"; empty: today
  windows::Firmware firmware = windows::Firmware::uefi;
  std::uint64_t virtual_size = 0;
  std::string key;  ///< minisign's secret key without a password; empty: no signature
};

/// Writes FILE.chunks, manifest.json and, with a key, manifest.json.minisig. Reads the whole image, about 1 s per GiB.
/// Throws `precondition` if the key can't be used, `io`.
void publish_image(const Publication& publication);

}  // namespace rescue::prepared
