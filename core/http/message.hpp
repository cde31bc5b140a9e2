// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP requests and responses as values for handlers, routers and clients, without Beast.

#include "core/handle.hpp"
#include "core/http/fields.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::http {

class Stream;
struct Upgrade;

struct Request {
  std::string method;  ///< "GET"
  std::string path;    ///< percent-decoded, without the query; encoded slashes: see Router::answer_whatever_is_below
  Fields query;        ///< percent-decoded, UTF-8; a repeated name is refused
  Fields headers;      ///< names in lower case
  std::string body;
  std::string id;    ///< X-Request-Id: the client's, else a new one
  std::string peer;  ///< address of the client (ServerOptions::trusted_proxies); "unix" on a unix socket
  std::optional<unsigned> peer_uid;  ///< on a unix socket: SO_PEERCRED
  Fields parameters;                 ///< from the route: "/v1/servers/{name}"
  std::stop_token stopping;          ///< requested when the server stops; ends a long poll

  [[nodiscard]] std::string header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// Part of an open file, sent from the page cache without a copy in this process.
struct FilePart {
  FileDescriptor fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const FilePart> file{};  ///< instead of `body`
  std::shared_ptr<Stream> stream{};        ///< instead of `body`: written over time (core/http/stream.hpp)
  std::shared_ptr<Upgrade> upgrade{};      ///< the connection becomes a WebSocket (core/http/websocket.hpp)
};

}  // namespace rescue::http
