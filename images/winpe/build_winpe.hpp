// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Builds a small rescue image from the Windows PE on Microsoft's ISO.

#include "images/minisign.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::winpe {

struct WinpeRequest {
  std::string iso;                          ///< Microsoft's ISO, or a folder with its content
  std::string virtio;                       ///< ISO of virtio-win, or its tree
  std::string ssh_zip;                      ///< OpenSSH-Win64.zip: Windows PE has no Features on Demand
  std::string folder;                       ///< result
  std::string version;                      ///< empty: today's date
  std::optional<images::SigningKey> key{};  ///< none: no signature
  bool allow_client = false;
};

/// Writes the qcow2, its digests and manifest.json, by renames. Returns the path of the qcow2. `report` gets one line
/// for each stage. Blocks for some minutes; needs about three times the size of boot.wim in TMPDIR and the folder.
/// Throws `precondition` if a medium lacks something, `conflict` if the folder has an image.
std::string build_winpe(const WinpeRequest& request, const std::string& rescue_wim,
                        const std::function<void(const std::string&)>& report);

}  // namespace rescue::winpe
