// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootctl audit: who changed what.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

struct AuditFilter {
  std::string server, token, since, until;  ///< empty: all
  unsigned last = 50;                       ///< so many entries; 0: all there are
};

/// The latest first, what belongs on stdout: a table, or with `as_json` one entry a line.
[[nodiscard]] std::string audit(http::Client& client, const AuditFilter& filter, bool as_json);

}  // namespace rescue::netboot::cli
