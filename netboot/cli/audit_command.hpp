// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl audit: shows who changed what.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

struct AuditFilter {
  std::string server, token, since, until;  ///< empty: all
  unsigned last = 50;                       ///< maximum number of entries; 0: all
};

/// Returns the output, latest first: a table, or with `as_json` one entry per line.
[[nodiscard]] std::string audit(http::Client& client, const AuditFilter& filter, bool as_json);

}  // namespace rescue::netboot::cli
