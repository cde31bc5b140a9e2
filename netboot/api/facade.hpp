// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One API among several on the same server, chosen by how a route begins: how its callers prove themselves, and how it
// writes errors.

#include "core/http/server.hpp"
#include "netboot/api/authentication.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rescue::netboot::api {

struct Facade {
  std::string prefix;  ///< of its routes: "/v1/"
  std::shared_ptr<Authentication> authentication;
  /// Makes of an RFC 9457 problem what this API's callers expect of an error; none: the problem is what they expect.
  std::function<http::Response(const http::Response& problem)> error{};
};

/// `handler` with errors written as `facade` has them, whether they are thrown or returned.
[[nodiscard]] http::Handler with_errors_of(const std::shared_ptr<const Facade>& facade, http::Handler handler);
[[nodiscard]] http::Admission admission_with_errors_of(const std::shared_ptr<const Facade>& facade,
                                                       http::Admission admission);

}  // namespace rescue::netboot::api
