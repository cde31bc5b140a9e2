// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket.hpp"

#include "core/base64.hpp"
#include "core/http/server.hpp"

#include <algorithm>

namespace rescue::http {
namespace {

constexpr unsigned switching_protocols = 101;
constexpr unsigned upgrade_required = 426;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Elements of a list (RFC 9110, 5.6.1), without empty ones.
std::vector<std::string> list_of(std::string_view list) {
  std::vector<std::string> elements;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    auto element = list.substr(at, end - at);
    const auto first = element.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      elements.emplace_back(element.substr(first, element.find_last_not_of(" \t") - first + 1));
    }
    at = end + 1;
  }
  return elements;
}

bool lists(const std::string& field, std::string_view token) {
  const auto elements = list_of(field);
  return std::any_of(elements.begin(), elements.end(),
                     [token](const auto& element) { return in_lower_case(element) == token; });
}

/// Host and port of an origin or a Host field, without a scheme's default port.
std::string authority_of(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  auto authority = in_lower_case(text);
  for (const std::string_view port : {":80", ":443"}) {
    if (authority.ends_with(port)) authority.erase(authority.size() - port.size());
  }
  return authority;
}

Response websocket_refusal(unsigned status, ErrorCode code, std::string message, std::string hint) {
  ErrorReport report;
  report.code = code;
  report.message = std::move(message);
  report.hint = std::move(hint);
  return problem(report, status);
}

Response no_handshake(const std::string& what) {
  return websocket_refusal(400, ErrorCode::usage, what, "Use a WebSocket client (RFC 6455, version 13).");
}

Response wants_upgrade(const std::string& what) {
  auto response =
      websocket_refusal(upgrade_required, ErrorCode::usage, what, "Use a WebSocket client (RFC 6455, version 13).");
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

bool is_key(const std::string& text) {
  constexpr std::size_t key_bytes = 16;
  const auto bytes = bytes_of_base64(text);
  return bytes && bytes->size() == key_bytes;
}

}  // namespace

Response accept_websocket(Upgrade upgrade) {
  Response response;
  response.status = switching_protocols;
  response.upgrade = std::make_shared<Upgrade>(std::move(upgrade));
  return response;
}

std::vector<std::string> offered_subprotocols(const Request& request) {
  return list_of(request.header("sec-websocket-protocol"));
}

std::optional<Response> websocket_fault(const Request& request, bool is_old_protocol) {
  if (request.method != "GET") return no_handshake("a WebSocket begins with GET");
  if (is_old_protocol) return no_handshake("HTTP/1.0 has no upgrade");
  if (!lists(request.header("connection"), "upgrade") || !lists(request.header("upgrade"), "websocket")) {
    return wants_upgrade(request.path + " is a WebSocket");
  }
  if (request.header("sec-websocket-version") != "13") return wants_upgrade("the version of the WebSocket is not 13");
  if (!is_key(request.header("sec-websocket-key"))) return no_handshake("Sec-WebSocket-Key is not 16 bytes in base64");
  if (!request.body.empty()) return no_handshake("the request has a body");
  const auto origin = request.header("origin");
  if (!origin.empty() && authority_of(origin) != authority_of(request.header("host"))) {
    return websocket_refusal(403, ErrorCode::denied, "a page of another site opened this",
                             "Open the page of this server.");
  }
  return std::nullopt;
}

}  // namespace rescue::http
