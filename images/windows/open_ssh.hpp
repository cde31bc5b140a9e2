// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the OpenSSH server for the guest: on the Windows medium, on the Features on Demand ISO, or in Win32-OpenSSH's
// zip.

#include "images/media/medium.hpp"
#include "images/windows/release.hpp"

#include <optional>
#include <string>

namespace rescue::windows {

struct OpenSsh {
  std::string source;  ///< "inbox", "feature-on-demand" or "zip"
  std::string medium;  ///< path of the ISO or zip; empty for inbox
  std::string path;    ///< of the package or of sshd.exe on it; empty for inbox
};

/// Chooses; `feature_iso` and `zip` are null if none was given. A zip wins over all, an ISO over what the release
/// brings. None if the release brings no OpenSSH and nothing was given. Throws `precondition` if what was given does
/// not fit.
[[nodiscard]] std::optional<OpenSsh> choose_open_ssh(Release release, const media::Medium* feature_iso,
                                                     const media::Medium* zip);

/// Hint for a release that brings no OpenSSH.
[[nodiscard]] std::string open_ssh_remedy(Release release);

}  // namespace rescue::windows
