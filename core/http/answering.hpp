// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers of the server itself, and handlers whose exceptions become answers. Nothing here touches a connection.

#include "core/error.hpp"
#include "core/http/request_parser.hpp"
#include "core/http/server.hpp"
#include "core/log.hpp"

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace rescue::http {

[[nodiscard]] Response refusal(unsigned status, ErrorCode code, std::string message, std::string hint = {});
/// To a client whose large body has no place.
[[nodiscard]] Response no_place(LargePlaces::Outcome outcome);
/// If all slow threads wait for other machines.
[[nodiscard]] Response too_busy();

/// Pattern of the route, for the log: the path itself may hold a secret (a one-time link).
[[nodiscard]] std::string pattern_of(const Router::Route& route);

/// Runs `work` and turns exceptions into answers. `name` is for the log.
template <class Name, class Work>
auto run_guarded(Name name, const Request& request, Work work) noexcept -> decltype(work()) {
  const log::Context context(request.id);
  try {
    return work();
  } catch (const Error& error) {
    return problem(report_of(error));
  } catch (const std::exception& error) {
    log::error("{} failed: {}", name(), report_of(error).one_line());
  } catch (...) {
    log::error("{} failed with an unknown exception", name());
  }
  return refusal(500, ErrorCode::internal, "the request failed for a reason that is in the server's log");
}

template <class Work>
auto run_handler(const Router::Route& route, const Request& request, Work work) noexcept -> decltype(work()) {
  return run_guarded([&route] { return pattern_of(route); }, request, std::move(work));
}

/// Answers what needs no thread of the pool. None, with the route, for the rest.
[[nodiscard]] std::optional<Response> answer_at_once(const Router& router, const RequestParser& parser,
                                                     Request& request, const Router::Route*& route);

/// Writes a debug line. A request that no route has is named without its path, for the same reason as above.
void log_answer(const Router::Route* route, const Request& request, unsigned status, SteadyTime::duration took);

}  // namespace rescue::http
