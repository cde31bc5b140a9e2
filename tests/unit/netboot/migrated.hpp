// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Databases on PostgreSQL that have the newest schema. Their copies spare tests the migrations.

#include "core/clock.hpp"
#include "netboot/store/store.hpp"
#include "real_postgresql.hpp"

#include <string>

namespace rescue::netboot {

/// Brings the database `name` up to date. Returns its name.
inline std::string migrated(std::string name) {
  DatabaseSettings settings("");
  settings.url = RealPostgresql::shared().url(name);
  const SystemClock clock;
  const Store migrates(settings, LeaseLimits{}, clock);
  return name;
}

}  // namespace rescue::netboot
