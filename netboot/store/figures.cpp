// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/figures.hpp"

#include "netboot/domain/delivery.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/store/database.hpp"

#include <soci/soci.h>

namespace rescue::netboot {

Figures figures_of(Store& store) {
  Figures figures;
  for (const auto state :
       {TaskState::queued, TaskState::running, TaskState::succeeded, TaskState::failed, TaskState::cancelled}) {
    figures.tasks[std::string(name_of(state))] = 0;
  }
  for (const auto state :
       {DeliveryState::waiting, DeliveryState::sent, DeliveryState::failed, DeliveryState::bounced}) {
    figures.deliveries[std::string(name_of(state))] = 0;
  }
  const auto now = to_column(store.now());
  const auto minute_ago = to_column(store.now() - std::chrono::minutes(1));
  store.database().read([&](soci::session& session) {
    session << "SELECT COUNT(*) FROM servers", soci::into(figures.servers);
    session << "SELECT COUNT(*) FROM leases WHERE ended_ms IS NULL AND expires_ms > :now", soci::use(now),
        soci::into(figures.leases);
    session << "SELECT COUNT(*) FROM sessions WHERE ended_ms IS NULL", soci::into(figures.sessions);
    session << "SELECT COUNT(*) FROM sessions WHERE ended_ms IS NULL AND heard_ms >= :since", soci::use(minute_ago),
        soci::into(figures.heard);
    std::string state;
    long long count = 0;
    soci::statement tasks =
        (session.prepare << "SELECT state, COUNT(*) FROM tasks GROUP BY state", soci::into(state), soci::into(count));
    tasks.execute();
    while (tasks.fetch()) figures.tasks[state] = count;
    soci::statement deliveries = (session.prepare << "SELECT state, COUNT(*) FROM deliveries GROUP BY state",
                                  soci::into(state), soci::into(count));
    deliveries.execute();
    while (deliveries.fetch()) figures.deliveries[state] = count;
  });
  return figures;
}

}  // namespace rescue::netboot
