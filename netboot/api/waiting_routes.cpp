// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/metrics/counters.hpp"

namespace rescue::netboot::api {
namespace {

/// Boots the disk: no server is known yet.
http::Response disk(const http::Request&) {
  ++counters().boots_unknown;
  http::Response response;
  response.content_type = "text/plain";
  response.body = ipxe::disk_script_for_unknown("netbootd waits for its database: disk");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

http::Response not_yet(const http::Request&) {
  ErrorReport report;
  report.code = ErrorCode::unavailable;
  report.message = "netbootd waits for its database, which has not been there since it was started";
  report.hint = "Retry later; netbootd's log has the reason.";
  auto response = http::problem(report);
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

http::Router make_waiting_router() {
  http::Router router;
  router.add(
      "GET", "/healthz",
      [](const auto&) {
        return reply(200, {{"status", "alive"}});
      },
      http::RunOn::io_thread);
  for (const auto* const path : {"/boot/{anything}", "/boot/uuid/{anything}", "/boot/serial/{serial*}"}) {
    router.add("GET", path, disk, http::RunOn::io_thread);
  }
  router.answer_whatever_is_below("/boot/", http::EncodedSlash::refused, disk);
  router.answer_whatever_is_below("/boot/serial/", http::EncodedSlash::as_plain, disk);
  for (const auto* const method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    router.add(method, "/{path*}", not_yet, http::RunOn::io_thread);
  }
  // A server takes its limits from its first router.
  router.allow_large_body("POST", import_path, largest_import, not_yet);
  return router;
}

}  // namespace rescue::netboot::api
