// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Imports a prepared Windows: checks it, converts it to qcow2, and publishes it.

#include "images/minisign.hpp"
#include "images/prepared/contract.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::prepared {

struct ImportRequest {
  std::string image;                        ///< VHD, VHDX or qcow2
  std::string folder;                       ///< result; created if it does not exist
  std::string name;                         ///< empty: "windows-2025" by the release
  std::string version;                      ///< empty: today's date
  std::optional<images::SigningKey> key{};  ///< none: no signature
  bool allow_client = false;
};

struct ImportResult {
  Verdict verdict;
  std::string file;  ///< path of the qcow2; empty if the contract is not kept: nothing was written then
};

/// Checks the image, without changing it. Throws `precondition` if it can't be read at all.
[[nodiscard]] Verdict check_image(const std::string& image, const std::string& rescue_ntfs_read, bool allow_client);

/// Checks, converts, compares the result with the source, and publishes by renames: the folder never has a half written
/// image. `report` gets one line for each stage. Blocks for minutes: the image is read three times.
/// Throws `precondition` if the image can't be read, `conflict` if the folder has another image, `io` without room.
[[nodiscard]] ImportResult import_image(const ImportRequest& request, const std::string& rescue_ntfs_read,
                                        const std::function<void(const std::string&)>& report);

}  // namespace rescue::prepared
