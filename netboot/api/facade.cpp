// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/facade.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <utility>
#include <variant>

namespace rescue::netboot::api {
namespace {

/// The answer of `work`, or its exception as a problem.
template <class Work>
auto caught(const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const Error& error) {
    return http::problem(report_of(error));
  } catch (const std::exception& error) {
    log::error("a request failed: {}", report_of(error).one_line());
  }
  ErrorReport report;
  report.code = ErrorCode::internal;
  report.message = "the request failed for a reason that is in the server's log";
  return http::problem(report);
}

http::Response written(const Facade& facade, http::Response response) {
  constexpr auto problem = "application/problem+json";
  return response.content_type == problem ? facade.error(response) : std::move(response);
}

}  // namespace

http::Handler with_errors_of(const std::shared_ptr<const Facade>& facade, http::Handler handler) {
  if (!facade->error) return handler;
  return [facade, handler = std::move(handler)](const http::Request& request) {
    return written(*facade, caught([&] { return handler(request); }));
  };
}

http::Admission admission_with_errors_of(const std::shared_ptr<const Facade>& facade, http::Admission admission) {
  if (!facade->error) return admission;
  return [facade, admission = std::move(admission)](const http::Request& request) {
    auto admitted = caught([&] { return admission(request); });
    if (auto* const refusal = std::get_if<http::Response>(&admitted)) *refusal = written(*facade, std::move(*refusal));
    return admitted;
  };
}

}  // namespace rescue::netboot::api
