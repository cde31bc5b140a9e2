// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include <nlohmann/json.hpp>

namespace rescue::http {
namespace {

std::string title_of(unsigned status) {
  switch (status) {
  case 400:
    return "Bad request";
  case 401:
    return "Authentication required";
  case 403:
    return "Not allowed";
  case 404:
    return "Not found";
  case 405:
    return "Method not allowed";
  case 408:
    return "The request took too long to arrive";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 412:
    return "Precondition failed";
  case 413:
    return "The request is too large";
  case 415:
    return "The media type of the body is not supported";
  case 416:
    return "The range is not satisfiable";
  case 422:
    return "A precondition is not met";
  case 429:
    return "Too many requests";
  case 431:
    return "The request's header is too large";
  case 503:
    return "Unavailable";
  case 504:
    return "Timed out";
  default:
    return "Internal error";
  }
}

}  // namespace

unsigned status_of(ErrorCode code) noexcept {
  switch (code) {
  case ErrorCode::usage:
  case ErrorCode::config_invalid:
    return 400;
  case ErrorCode::token_expired:
  case ErrorCode::token_revoked:
    return 401;
  case ErrorCode::too_many_requests:
    return 429;
  case ErrorCode::denied:
    return 403;
  case ErrorCode::not_found:
    return 404;
  case ErrorCode::conflict:
  case ErrorCode::cancelled:
    return 409;
  case ErrorCode::precondition:
  case ErrorCode::bmc_denied:
    return 422;
  case ErrorCode::unavailable:
  case ErrorCode::interrupted:
    return 503;
  case ErrorCode::timeout:
    return 504;
  default:
    return 500;
  }
}

Response problem(const ErrorReport& report) { return problem(report, status_of(report.code)); }

Response problem(const ErrorReport& report, unsigned status) {
  nlohmann::json body{
      {"type", "urn:rescue:problem:" + std::string(name_of(report.code))},
      {"title", title_of(status)},
      {"status", status},
      {"detail", report.message},
      {"code", name_of(report.code)},
  };
  if (!report.hint.empty()) body["hint"] = report.hint;
  if (!report.causes.empty()) body["causes"] = report.causes;
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  // A message may hold bytes of a peer: invalid UTF-8 must not make the error itself fail.
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace rescue::http
