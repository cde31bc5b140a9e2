// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Metrics of this netbootd and of the database that it shares, for /metrics.

#include "core/http/server.hpp"
#include "netboot/service/operation.hpp"

#include <functional>
#include <string>

namespace rescue::netboot {

/// Sources of the metrics. A null one is left out.
struct MetricsSources {
  std::function<http::ServerCounts()> http{};
  std::function<std::size_t()> event_streams{};
};

/// Writes Prometheus' text format. Blocks for the database; leaves out its metrics while it is unavailable.
[[nodiscard]] std::string metrics_text(Operation operation, const MetricsSources& sources);

}  // namespace rescue::netboot
