// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One of several APIs on the same server, chosen by a route's prefix: its authentication and its error format.

#include "core/http/server.hpp"
#include "netboot/api/authentication.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rescue::netboot::api {

struct Facade {
  std::string prefix;  ///< of its routes: "/v1/"
  std::shared_ptr<Authentication> authentication;
  /// Converts an RFC 9457 problem to this API's error format; none: problems stay as they are.
  std::function<http::Response(const http::Response& problem)> error{};
};

/// Wraps `handler`: its errors, thrown or returned, get the format of `facade`.
[[nodiscard]] http::Handler with_errors_of(const std::shared_ptr<const Facade>& facade, http::Handler handler);
[[nodiscard]] http::Admission admission_with_errors_of(const std::shared_ptr<const Facade>& facade,
                                                       http::Admission admission);

}  // namespace rescue::netboot::api
