// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootctl's commands for who runs netbootd.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

/// Sets it unless `level` is empty; returns what belongs on stdout.
[[nodiscard]] std::string log_level(http::Client& client, bool as_json, const std::string& level);

}  // namespace rescue::netboot::cli
