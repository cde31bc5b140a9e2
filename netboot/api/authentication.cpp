// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/authentication.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

http::Response unauthenticated(const std::string& message, const char* challenge) {
  ErrorReport report;
  report.code = ErrorCode::denied;
  report.message = message;
  report.hint = "Send a valid token as 'Authorization: Bearer ...'.";
  auto response = http::problem(report, 401);
  response.headers.emplace_back("WWW-Authenticate", challenge);
  return response;
}

http::Handler authenticated(Store& store, Action action) {
  return [&store, action = std::move(action)](const http::Request& request) {
    auto token = bearer_token(request);
    if (!token) return without_token();
    const auto caller = store.caller_of(*token);
    wipe(*token);
    if (!caller) return with_unknown_token();
    return action(request, *caller);
  };
}

}  // namespace

std::optional<std::string> bearer_token(const http::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = request.header("authorization");
  if (value.size() <= scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = value[i] >= 'A' && value[i] <= 'Z' ? static_cast<char>(value[i] - 'A' + 'a') : value[i];
    if (c != scheme[i]) return std::nullopt;
  }
  return value.substr(scheme.size());
}

http::Response without_token() { return unauthenticated("this needs a token", R"(Bearer realm="netbootd")"); }

http::Response with_unknown_token() {
  return unauthenticated("the token is not known here", R"(Bearer realm="netbootd", error="invalid_token")");
}

http::Handler for_session(Store& store, Action action) {
  return authenticated(store, [action = std::move(action)](const http::Request& request, const Caller& caller) {
    if (caller.session.empty()) {
      throw Error(ErrorCode::denied, fmt::format("the {} has no session", caller.label),
                  "A host agent redeems its boot token first.");
    }
    return action(request, caller);
  });
}

http::Handler for_admin(Store& store, Action action) {
  return authenticated(store, [action = std::move(action)](const http::Request& request, const Caller& caller) {
    if (caller.role != Role::admin) {
      throw Error(ErrorCode::denied, fmt::format("the {} may not do this", caller.label), "It needs an admin's token.");
    }
    return action(request, caller);
  });
}

http::Handler for_admin_or_own_agent(Store& store, Action action) {
  return authenticated(store, [action = std::move(action)](const http::Request& request, const Caller& caller) {
    const auto& name = request.parameters.at("name");
    if (caller.role != Role::admin && (!caller.server || caller.server->text() != name)) {
      throw Error(ErrorCode::denied, fmt::format("the {} may touch nothing but its own server", caller.label));
    }
    return action(request, caller);
  });
}

}  // namespace rescue::netboot::api
