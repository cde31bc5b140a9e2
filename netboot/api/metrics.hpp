// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What /metrics says of this netbootd and of the database that it shares.

#include "core/http/server.hpp"
#include "netboot/service/operation.hpp"

#include <functional>
#include <string>

namespace rescue::netboot {

/// Where the figures come from. None: they are left out.
struct MetricsSources {
  std::function<http::ServerCounts()> http{};
  std::function<std::size_t()> event_streams{};
};

/// In Prometheus' text format. Blocks for the database; what only that knows is left out while it is away.
[[nodiscard]] std::string metrics_text(Operation operation, const MetricsSources& sources);

}  // namespace rescue::netboot
