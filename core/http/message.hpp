// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP requests and responses as values: what handlers, routers and clients speak, without Beast in sight.

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::http {

struct Request {
  std::string method;                          ///< "GET"
  std::string path;                            ///< percent-decoded, without the query; never holds an encoded slash
  std::map<std::string, std::string> query;    ///< percent-decoded; the last one wins
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  std::string peer;                               ///< address of the client; "unix" on a unix socket
  std::optional<unsigned> peer_uid;               ///< on a unix socket: SO_PEERCRED
  std::map<std::string, std::string> parameters;  ///< from the route: "/v1/servers/{name}"
  std::stop_token stopping;                       ///< requested when the server stops: a long poll ends then

  [[nodiscard]] std::string header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace rescue::http
