// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of boot tokens as values. Inside a transaction only.

#include "core/clock.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::rows {

struct BootTokenRow {
  std::string server;
  long long lease = 0;
  unsigned boot = 0;
  WallTime expires{};
};

void insert_boot_token(soci::session& session, const std::string& hash, const BootTokenRow& token);
[[nodiscard]] std::optional<BootTokenRow> find_boot_token(soci::session& session, const std::string& hash);
/// Returns how many were made for this boot.
[[nodiscard]] int count_boot_tokens(soci::session& session, const std::string& server, long long lease, unsigned boot);
void delete_boot_tokens(soci::session& session, const std::string& server);

}  // namespace rescue::netboot::rows
