// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server under test on a free port of the loopback interface, and clients of it.

#include "core/http/client.hpp"
#include "core/http/server.hpp"

#include <string>

namespace rescue::http {

inline ServerOptions on_loopback() {
  ServerOptions options;
  options.address = "127.0.0.1";
  return options;
}

inline Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

inline Router echo() {
  Router router;
  router.add(
      "GET", "/hello", [](const Request&) { return text("hello"); }, RunOn::io_thread);
  router.add("POST", "/echo", [](const Request& request) { return text(request.body); });
  router.add("GET", "/peer", [](const Request& request) { return text(request.peer); });
  return router;
}

class RunningServer {
public:
  explicit RunningServer(Router router = echo(), ServerOptions options = on_loopback())
      : server_(std::move(options), std::move(router)) {
    server_.start();
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  [[nodiscard]] ClientOptions client_options() const {
    ClientOptions options;
    options.base_url = url();
    return options;
  }
  void stop(Milliseconds grace = Milliseconds(2000)) { server_.stop(grace); }

private:
  Server server_;
};

}  // namespace rescue::http
