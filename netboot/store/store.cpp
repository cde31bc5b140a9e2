// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/store.hpp"

#include "netboot/store/database.hpp"
#include "netboot/store/migrations.hpp"

#include <soci/soci.h>

#include <utility>

namespace rescue::netboot {

Store::Store(DatabaseSettings settings, LeaseLimits limits, const Clock& clock)
    : all_limits_{limits}, limits_(&all_limits_.front()), clock_(clock),
      database_(std::make_unique<Database>(std::move(settings), clock, changes_)) {}
Store::~Store() = default;

WallTime Store::now() const { return database_->now(); }

int Store::schema() {
  return database_->read([](soci::session& session) { return schema_of(session); });
}

void Store::check() {
  database_->read([](soci::session& session) {
    int servers = 0;
    session << "SELECT COUNT(*) FROM (SELECT name FROM servers LIMIT 1) AS first", soci::into(servers);
  });
}

}  // namespace rescue::netboot
