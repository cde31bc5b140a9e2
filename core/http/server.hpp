// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP/1.1 server for TCP and unix sockets: routes to handlers, limits, RFC 9457 problem bodies for errors.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/http/message.hpp"
#include "core/http/route_counts.hpp"
#include "core/http/target.hpp"
#include "core/http/trusted_proxies.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rescue::http {

/// Answers a request. An Error that it throws becomes a problem body; any other exception becomes 500.
using Handler = std::function<Response(const Request&)>;

/// Answers from memory, at once. None: the handler answers, and may block.
using QuickHandler = std::function<std::optional<Response>(const Request&)>;

/// Identifies the client by the request's header alone: a name, or a refusal. Throws like a Handler.
using Admission = std::function<std::variant<std::string, Response>(const Request&)>;

enum class RunOn {
  pool,      ///< the handler may block (SQL, a long poll): runs in the pool
  reserved,  ///< the handler may block, and runs in a pool of its own: the others don't delay it
  slow,      ///< the handler may block for many seconds (another machine): a thread of its own, or 503 with Retry-After
             ///< if `ServerOptions::slow_threads` are busy
  io_thread,  ///< the handler answers from memory, at once
};

// A handler that blocks for long (a long poll) occupies one thread of the pool, and `Server::stop` waits for it: it
// must return soon after `Request::stopping` is requested (std::condition_variable_any waits on it). The server notices
// that a client has gone only when it answers.

class Router {
public:
  /// Adds a route. `pattern`: "/v1/servers/{name}/boot-mode"; a {parameter} matches one segment, a {parameter*} at the
  /// end all that follow.
  /// A path that exists with another method answers 405 with Allow; an unknown path 404. GET answers HEAD too.
  void add(std::string method, const std::string& pattern, Handler handler, RunOn run_on = RunOn::pool);
  /// Adds a route that calls `quick` on the io thread first, and `handler` on the pool if that has no answer.
  void add_quick(std::string method, const std::string& pattern, QuickHandler quick, Handler handler,
                 RunOn run_on = RunOn::pool);

  /// Adds a route that turns connections into WebSockets (core/http/websocket.hpp). `handler` sees proper opening
  /// handshakes only, and answers with `accept_websocket` or a refusal; others are answered by `websocket_fault`.
  void add_websocket(const std::string& pattern, Handler handler, RunOn run_on = RunOn::pool);

  /// Accepts bodies of up to `bytes` for one path without parameters; the limit of others is
  /// `ServerOptions::largest_body`. `admission` runs on the pool before such a body is read; without one, clients are
  /// identified by address. Only few are read at a time, and fewer of each client: the others get 503, or 429.
  void allow_large_body(std::string method, std::string path, std::size_t bytes, Admission admission = {});

  /// Answers every GET below `prefix` ("/boot/"): `handler` answers malformed targets, on the io thread. `slash` says
  /// whether an encoded slash is a slash, for a {parameter*}. The longest prefix decides.
  void answer_whatever_is_below(std::string prefix, EncodedSlash slash, Handler handler);

  struct Whatever {
    std::string prefix;
    EncodedSlash slash;
    Handler handler;
  };
  /// Answers a target as it was sent, in origin or absolute form; none where faults are refused.
  [[nodiscard]] const Whatever* whatever_is_below(std::string_view target) const;

  struct LargeBody {
    std::string method;
    std::string path;
    std::size_t bytes;
    Admission admission{};
  };
  [[nodiscard]] const std::vector<LargeBody>& large_bodies() const noexcept { return large_bodies_; }

  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
    RunOn run_on;
    QuickHandler quick{};
    std::shared_ptr<RouteCounts> counts = std::make_shared<RouteCounts>();
    bool is_websocket = false;

    [[nodiscard]] std::string pattern() const;  ///< "/v1/servers/{name}"
  };
  /// Finds the route for `request` and fills in its parameters. Throws `not_found`; for a known path with another
  /// method it returns a Route whose handler answers 405.
  [[nodiscard]] const Route& match(Request& request) const;
  /// Routes in the order in which they were added.
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  /// Continues the counts of `other` for routes that both have.
  void continue_counts(const Router& other);

private:
  std::vector<Route> routes_;
  std::vector<LargeBody> large_bodies_;
  std::vector<Whatever> whatever_;
};

struct ServerOptions {
  std::string address;      ///< "127.0.0.1", "::1"; unused with a unix socket
  std::uint16_t port = 0;   ///< 0: any free one, see Server::port
  std::string unix_path;    ///< if set: a unix socket instead of TCP
  std::string unix_group;   ///< if set: the socket has mode 0660 and this group, else 0600
  int inherited_fd = -1;    ///< a listening socket from the service manager instead
  unsigned io_threads = 1;  ///< read requests, answer from memory, write answers
  unsigned pool_threads = 4;
  unsigned reserved_threads = 0;  ///< 0: reserved handlers run in the pool
  unsigned slow_threads = 16;     ///< at most; started on demand
  std::size_t largest_body = 1 << 20;
  /// Further connections wait in the kernel's backlog; connections idle for a second are closed for them.
  std::size_t most_connections = 1024;
  /// Limit per address; one more is closed at once. 0: no limit. Trusted proxies and unix sockets have none.
  std::size_t most_of_one_address = 0;
  TrustedProxies trusted_proxies{};    ///< their X-Forwarded-For names the client
  Milliseconds idle_limit{30'000};     ///< until a request begins, and for a peer that reads nothing
  Milliseconds request_limit{10'000};  ///< from the first byte of a request to its last
};

/// Counters of a server.
struct ServerCounts {
  struct Route {
    std::string method;
    std::string pattern;  ///< "none" for requests that no route has answered
    std::shared_ptr<const RouteCounts> counts;
  };
  std::vector<Route> routes;
  std::size_t connections = 0;     ///< open
  unsigned long long refused = 0;  ///< since the start, for the limit per address
};

class Server {
public:
  /// Binds and listens; throws `io` or `conflict` (address in use). Does not serve before `start`.
  Server(ServerOptions options, Router router);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts to serve on threads of its own; returns at once.
  void start();
  /// Stops accepting, requests `Request::stopping`, lets running handlers end and answer (at most `grace`), closes.
  /// Returns once no handler runs any more: one that ignores `stopping` delays it. Idempotent.
  void stop(Milliseconds grace = Milliseconds(2000));
  [[nodiscard]] std::uint16_t port() const;

  /// Replaces the router. Requests that run keep the old one; waits some seconds for them. One call at a time.
  void replace(Router router);
  [[nodiscard]] ServerCounts counts() const;
  /// True if the io threads respond within `limit`.
  [[nodiscard]] bool responds(Milliseconds limit);

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// HTTP status of an error code (`not_found` 404, `conflict` 409, ...).
[[nodiscard]] unsigned status_of(ErrorCode code) noexcept;

/// Problem body by RFC 9457, application/problem+json: type, title, status, detail, code, hint and causes (ours).
[[nodiscard]] Response problem(const ErrorReport& report);

/// Problem body with a status that our codes don't have (401, 405, 413, ...).
[[nodiscard]] Response problem(const ErrorReport& report, unsigned status);

}  // namespace rescue::http
