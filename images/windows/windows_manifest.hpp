// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Manifest of a Windows image, as far as the Windows in it decides.

#include "images/manifest.hpp"
#include "images/windows/release.hpp"

#include <string>
#include <vector>

namespace rescue::windows {

struct ImageContent {
  Release release{};
  unsigned build = 0;
  unsigned revision = 0;               ///< 0: not known
  std::string edition{};               ///< "ServerStandard"; empty: not known
  std::vector<std::string> languages;  ///< the default first
  Firmware firmware = Firmware::uefi;
};

/// Manifest without version and files. Its name is `name`, or "windows-" and the release if that is empty.
[[nodiscard]] images::Manifest manifest_of(const ImageContent& content, const std::string& name);

}  // namespace rescue::windows
