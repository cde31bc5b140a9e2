// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for operators of netbootd.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

/// Sets the log level unless `level` is empty; returns the output.
[[nodiscard]] std::string log_level(http::Client& client, bool as_json, const std::string& level);

}  // namespace rescue::netboot::cli
