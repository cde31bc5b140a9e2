// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/api/metrics.hpp"
#include "netboot/metrics/counters.hpp"
#include "netboot/metrics/text.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <regex>
#include <set>

namespace rescue::netboot {
namespace {

class Metrics : public Stored {
protected:
  static http::ServerCounts some_requests() {
    auto counts = std::make_shared<http::RouteCounts>();
    counts->add(200, std::chrono::microseconds(700));
    counts->add(404, std::chrono::seconds(20));
    return {{{"GET", "/v1/servers/{name}", counts}}, 3};
  }
  std::string text() {
    return metrics_text(Operation(store()), {&some_requests, [] { return std::size_t{5}; }});
  }
  static std::set<std::string> all(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) {
      found.insert((*match)[1]);
    }
    return found;
  }
};

TEST_F(Metrics, HaveTheNamesThatAreDocumented) {
  const auto documented = all(read_file(RESCUE_SOURCE_DIR "/docs/operations.md"), "\n\\| `(netbootd_[a-z_]+)` \\|");
  EXPECT_FALSE(documented.empty());
  EXPECT_EQ(all(text(), "# TYPE (netbootd_[a-z_]+) "), documented);
}

TEST_F(Metrics, CountRequestsByRouteAndClass) {
  const auto now = text();
  for (const auto* const line :
       {R"(netbootd_http_requests_total{route="/v1/servers/{name}",method="GET",status="2xx"} 1)",
        R"(netbootd_http_requests_total{route="/v1/servers/{name}",method="GET",status="4xx"} 1)",
        R"(netbootd_http_request_duration_seconds_bucket{route="/v1/servers/{name}",method="GET",le="0.0005"} 0)",
        R"(netbootd_http_request_duration_seconds_bucket{route="/v1/servers/{name}",method="GET",le="0.001"} 1)",
        R"(netbootd_http_request_duration_seconds_bucket{route="/v1/servers/{name}",method="GET",le="+Inf"} 2)",
        R"(netbootd_http_request_duration_seconds_count{route="/v1/servers/{name}",method="GET"} 2)",
        "netbootd_http_connections 3", "netbootd_event_streams 5", "netbootd_database_up 1"}) {
    EXPECT_NE(now.find(std::string("\n") + line + "\n"), std::string::npos) << line << " in\n" << now;
  }
}

TEST_F(Metrics, SayHowMuchThereIs) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(std::chrono::hours(1)));
  EXPECT_NE(text().find("\nnetbootd_servers 1\n"), std::string::npos);
  EXPECT_NE(text().find("\nnetbootd_leases_active 1\n"), std::string::npos);
  EXPECT_NE(text().find("\nnetbootd_tasks{state=\"queued\"} 0\n"), std::string::npos);
  clock_.advance(std::chrono::hours(2));
  EXPECT_NE(text().find("\nnetbootd_leases_active 0\n"), std::string::npos);
}

TEST_F(Metrics, EscapeLabels) {
  metrics::Text text;
  text.sample("x", {{"label", R"(a"b\c)"}}, 1.5);
  EXPECT_EQ(std::move(text).take(), "x{label=\"a\\\"b\\\\c\"} 1.5\n");
}

}  // namespace
}  // namespace rescue::netboot
