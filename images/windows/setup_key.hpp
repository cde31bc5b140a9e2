// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keys that Setup of volume and retail media asks for before it installs an edition.

#include "images/windows/release.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::windows {

/// True for an edition of evaluation media: "ServerStandardEval".
[[nodiscard]] bool is_evaluation(const std::string& edition_id);

/// Microsoft's public key for the edition ("KMS client activation and product keys", Microsoft Learn). It chooses the
/// edition and activates nothing by itself. None for evaluation media, which refuse keys, and for other editions.
[[nodiscard]] std::optional<std::string_view> setup_key(Release release, const std::string& edition_id);

}  // namespace rescue::windows
