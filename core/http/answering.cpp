// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/answering.hpp"

#include "core/http/target.hpp"
#include "core/http/websocket.hpp"
#include "core/log_settings.hpp"

#include <fmt/format.h>

#include <chrono>

namespace rescue::http {

Response refusal(unsigned status, ErrorCode code, std::string message, std::string hint) {
  ErrorReport report;
  report.code = code;
  report.message = std::move(message);
  report.hint = std::move(hint);
  return problem(report, status);
}

std::string pattern_of(const Router::Route& route) { return route.method + ' ' + route.pattern(); }

Response no_place(LargePlaces::Outcome outcome) {
  const bool is_own_fault = outcome == LargePlaces::Outcome::client_has_all;
  auto response =
      is_own_fault
          ? refusal(429, ErrorCode::too_many_requests,
                    fmt::format("{} large requests of this client are being processed", LargePlaces::of_one_client),
                    "Send it again when one of them is answered.")
          : refusal(503, ErrorCode::unavailable, "the limit of large requests is reached",
                    "Send it again in a few seconds.");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

Response too_busy() {
  constexpr auto pause = "5";
  auto response =
      refusal(503, ErrorCode::unavailable, "too many requests wait for other machines", "Retry in some seconds.");
  response.headers.emplace_back("Retry-After", pause);
  return response;
}

std::optional<Response> answer_at_once(const Router& router, const RequestParser& parser, Request& request,
                                       const Router::Route*& route) {
  const auto& target = parser.target();
  const auto* const whatever = router.whatever_is_below(target);
  if (const auto fault = read_target(target, request, whatever ? whatever->slash : EncodedSlash::refused)) {
    if (whatever == nullptr || (request.method != "GET" && request.method != "HEAD")) {
      return refusal(400, ErrorCode::usage, fault->message, fault->hint);
    }
    const auto name = [&] { return request.method + ' ' + whatever->prefix; };
    return run_guarded(name, request, [&] { return std::optional(whatever->handler(request)); });
  }
  try {
    route = &router.match(request);
  } catch (const Error& error) {
    return problem(report_of(error));
  }
  if (route->is_websocket) {
    if (auto fault = websocket_fault(request, parser.is_old_protocol())) return fault;
  }
  if (route->quick) return run_handler(*route, request, [&] { return route->quick(request); });
  if (route->run_on != RunOn::io_thread) return std::nullopt;
  return run_handler(*route, request, [&] { return std::optional(route->handler(request)); });
}

void log_answer(const Router::Route* route, const Request& request, unsigned status, SteadyTime::duration took) {
  if (log::level() != log::Level::debug) return;
  const log::Context context(request.id);
  const auto milliseconds = std::chrono::duration<double, std::milli>(took).count();
  log::debug("answered {} from {}: status {}, {:.1f} ms", route != nullptr ? pattern_of(*route) : request.method,
             request.peer, status, milliseconds);
}

}  // namespace rescue::http
