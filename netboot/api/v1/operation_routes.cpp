// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log_settings.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"

#include <mutex>
#include <optional>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

/// Checks what can fail later: netbootd listens only after it has migrated the database and read the servers.
http::Response readiness(Services& services) {
  const auto fault = services.operation.fault_of_database();
  if (fault.empty()) return reply(200, {{"status", "ready"}});
  ErrorReport report;
  report.code = ErrorCode::unavailable;
  report.message = "not ready: the database: " + fault;
  report.hint = "Boot scripts are answered all the same; netbootd's log has the details.";
  return http::problem(report, 503);
}

/// Answers health checks, which need no token: beyond the rate of load balancers with the last result, without a query.
class Health {
public:
  Health(SharedServices services, std::shared_ptr<Allowances> allowances)
      : services_(std::move(services)), allowances_(std::move(allowances)) {}
  [[nodiscard]] http::Response look() {
    if (allowances_->of_health.take("readyz")) {
      const std::lock_guard lock(mutex_);
      if (last_) return *last_;
    }
    auto now = readiness(*services_);
    const std::lock_guard lock(mutex_);
    last_ = now;
    return now;
  }

private:
  const SharedServices services_;
  const std::shared_ptr<Allowances> allowances_;
  std::mutex mutex_;
  std::optional<http::Response> last_;
};

http::Response level_now() { return reply(200, {{"level", log::name_of(log::level())}}); }

http::Response set_level(const std::string& body) {
  const auto level = read_body(body, [](const Field& root) {
    root.only({"level"});
    return root.at("level").word<log::Level>();
  });
  log::set_level(level);
  return level_now();
}

http::Response metrics(const Services& services, const MetricsSources& sources, const Caller& caller) {
  if (caller.scope.is_bound()) {
    throw Error(ErrorCode::denied, "the figures are of all servers, and this token is bound to some",
                "Use a read-only token that is bound to none.");
  }
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics_text(services.operation, sources);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_operation_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  gate.add_open(
      "GET", "/healthz",
      [](const auto&) {
        return reply(200, {{"status", "alive"}});
      },
      http::RunOn::io_thread);
  const auto health = std::make_shared<Health>(services, options.allowances);
  gate.add_open("GET", "/readyz", [health](const auto&) { return health->look(); });
  gate.add("GET", "/metrics", [services, sources = options.metrics](const auto&, const auto& caller) {
    return metrics(*services, sources, caller);
  });
  gate.add("GET", "/v1/log-level", [](const auto&, const auto&) { return level_now(); });
  gate.add("PUT", "/v1/log-level", [](const auto& request, const auto& caller) {
    auto response = set_level(request.body);
    log::warning("{} has set the log level to {}", caller.label, log::name_of(log::level()));
    return response;
  });
}

}  // namespace rescue::netboot::api
