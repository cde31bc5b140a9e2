// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/metrics.hpp"

#include "core/error.hpp"
#include "netboot/metrics/counters.hpp"
#include "netboot/metrics/text.hpp"

#include <array>

namespace rescue::netboot {
namespace {

constexpr auto requests_total = "netbootd_http_requests_total";
constexpr auto request_duration = "netbootd_http_request_duration_seconds";

void add_requests(metrics::Text& text, const std::vector<http::ServerCounts::Route>& routes) {
  constexpr std::array classes{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  text.head(requests_total, "counter", "Requests answered.");
  for (const auto& route : routes) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const auto count = route.counts->by_class.at(i).load(std::memory_order_relaxed);
      if (count == 0) continue;
      text.sample(requests_total, {{"route", route.pattern}, {"method", route.method}, {"status", classes.at(i)}},
                  static_cast<double>(count));
    }
  }
  text.head(request_duration, "histogram", "Time from a request's last byte to its answer's first.");
  for (const auto& route : routes) {
    const auto values = route.counts->durations.values();
    if (values.counts == decltype(values.counts){}) continue;
    text.histogram(request_duration, {{"route", route.pattern}, {"method", route.method}}, values);
  }
}

void add_single(metrics::Text& text, std::string_view name, std::string_view type, std::string_view help,
                double value) {
  text.head(name, type, help);
  text.sample(name, {}, value);
}

void add_counters(metrics::Text& text) {
  const auto& all = counters();
  text.head("netbootd_boots_total", "counter", "Boot scripts served.");
  text.sample("netbootd_boots_total", {{"mode", "disk"}}, static_cast<double>(all.boots_disk));
  for (const auto& [mode, count] : all.boots.values()) {
    text.sample("netbootd_boots_total", {{"mode", mode}}, static_cast<double>(count));
  }
  text.sample("netbootd_boots_total", {{"mode", "unknown"}}, static_cast<double>(all.boots_unknown));
  add_single(text, "netbootd_bmc_failures_total", "counter", "Calls to BMCs that failed.",
             static_cast<double>(all.bmc_failures));
  add_single(text, "netbootd_database_errors_total", "counter", "Transactions that the database failed.",
             static_cast<double>(all.database_errors));
  constexpr auto transactions = "netbootd_database_transaction_duration_seconds";
  text.head(transactions, "histogram", "Duration of transactions, including the wait for a connection.");
  text.histogram(transactions, {}, all.transactions.values());
}

void add_figures(metrics::Text& text, const Figures& figures) {
  add_single(text, "netbootd_servers", "gauge", "Servers known.", static_cast<double>(figures.servers));
  add_single(text, "netbootd_leases_active", "gauge", "Active leases, which boot something other than the disk.",
             static_cast<double>(figures.leases));
  text.head("netbootd_tasks", "gauge", "Tasks in the database.");
  for (const auto& [state, count] : figures.tasks) {
    text.sample("netbootd_tasks", {{"state", state}}, static_cast<double>(count));
  }
  text.head("netbootd_deliveries", "gauge", "Mails and other deliveries in the database.");
  for (const auto& [state, count] : figures.deliveries) {
    text.sample("netbootd_deliveries", {{"state", state}}, static_cast<double>(count));
  }
  add_single(text, "netbootd_sessions_open", "gauge", "Sessions that have not ended.",
             static_cast<double>(figures.sessions));
  add_single(text, "netbootd_host_agents_heard", "gauge", "Host agents with a heartbeat in the last minute.",
             static_cast<double>(figures.heard));
}

}  // namespace

std::string metrics_text(Operation operation, const MetricsSources& sources) {
  metrics::Text text;
  text.head("netbootd_build_info", "gauge", "Version of this netbootd.");
  text.sample("netbootd_build_info", {{"version", RESCUE_VERSION}}, 1);
  if (sources.http) {
    const auto counts = sources.http();
    add_requests(text, counts.routes);
    add_single(text, "netbootd_http_connections", "gauge", "Connections open.",
               static_cast<double>(counts.connections));
    add_single(text, "netbootd_http_connections_refused_total", "counter",
               "Connections refused because their address had too many.", static_cast<double>(counts.refused));
  }
  if (sources.event_streams) {
    add_single(text, "netbootd_event_streams", "gauge", "Streams of events open.",
               static_cast<double>(sources.event_streams()));
  }
  bool up = false;
  try {
    add_figures(text, operation.figures());
    up = true;
  } catch (const Error&) {
    // The metric below and the log report it.
  }
  add_single(text, "netbootd_database_up", "gauge", "Whether the database answers.", up ? 1 : 0);
  add_counters(text);
  return std::move(text).take();
}

}  // namespace rescue::netboot
