// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An HTTP/1.1 server for TCP and unix sockets: routes to handlers, limits, RFC 9457 problem bodies for errors.

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

/// Throwing an Error out of a handler gives the problem body of that error; any other exception gives 500.
using Handler = std::function<Response(const Request&)>;

/// What can be answered from memory, at once. None: the handler is to do it, and may block.
using QuickHandler = std::function<std::optional<Response>(const Request&)>;

/// Who sends a request, by its header alone: a name for the client, or why it is refused. Throws as a Handler does.
using Admission = std::function<std::variant<std::string, Response>(const Request&)>;

enum class RunOn {
  pool,      ///< the handler may block (SQL, a long poll): it gets a thread of the pool
  reserved,  ///< as above, of a pool of its own: it waits for nothing that the others do
  slow,      ///< the handler may block for many seconds (another machine): a thread of its own, or 503 with Retry-After
             ///< when `ServerOptions::slow_threads` are at work
  io_thread,  ///< the handler answers from memory, at once
};

// A handler that blocks for long (a long poll) takes one thread of the pool meanwhile, and `Server::stop` waits for
// it: it must return soon after `Request::stopping` is requested (std::condition_variable_any waits on it). A client
// that goes away is noticed when it is answered, not before.

class Router {
public:
  /// `pattern`: "/v1/servers/{name}/boot-mode"; a {parameter} matches one segment, a {parameter*} at
  /// the end all that follow.
  /// A path that exists with another method answers 405 with Allow; an unknown path 404. GET answers HEAD too.
  void add(std::string method, const std::string& pattern, Handler handler, RunOn run_on = RunOn::pool);
  /// As above: `quick` is asked on the io thread first, and `handler` on the pool when that has no answer.
  void add_quick(std::string method, const std::string& pattern, QuickHandler quick, Handler handler,
                 RunOn run_on = RunOn::pool);

  /// Bodies of up to `bytes` for one path without parameters, where others may have `ServerOptions::largest_body`.
  /// `admission` is asked on the pool before such a body is taken; without one, clients are told apart by address. Few
  /// are taken at a time, and of each client fewer: the others get 503, or 429.
  void allow_large_body(std::string method, std::string path, std::size_t bytes, Admission admission = {});

  /// GET of whatever is below `prefix` ("/boot/") is answered: what can't be read as a target is answered by `handler`,
  /// on the io thread. An encoded slash is a slash where `slash` says so, for a {parameter*} to take. The longest
  /// prefix decides.
  void answer_whatever_is_below(std::string prefix, EncodedSlash slash, Handler handler);

  struct Whatever {
    std::string prefix;
    EncodedSlash slash;
    Handler handler;
  };
  /// Of a target as it was sent, in origin or absolute form; none where faults are refused.
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

    [[nodiscard]] std::string pattern() const;  ///< "/v1/servers/{name}"
  };
  /// What answers `request`; fills in its parameters. Throws `not_found`; a known path with another method gives
  /// a Route of its own whose handler answers 405.
  [[nodiscard]] const Route& match(Request& request) const;
  /// In the order in which they were added.
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  /// Routes that `other` has too go on counting where its have stopped.
  void go_on_counting(const Router& other);

private:
  std::vector<Route> routes_;
  std::vector<LargeBody> large_bodies_;
  std::vector<Whatever> whatever_;
};

struct ServerOptions {
  std::string address;      ///< "127.0.0.1", "::1"; unused with a unix socket
  std::uint16_t port = 0;   ///< 0: any free one, see Server::port
  std::string unix_path;    ///< when set: a unix socket instead of TCP
  std::string unix_group;   ///< when set: the socket is 0660 and belongs to this group, else 0600
  int inherited_fd = -1;    ///< a listening socket from the service manager instead
  unsigned io_threads = 1;  ///< that read, answer from memory, and write
  unsigned pool_threads = 4;
  unsigned reserved_threads = 0;  ///< 0: what is reserved runs in the pool, too
  unsigned slow_threads = 16;     ///< at most: there are as many as are needed
  std::size_t largest_body = 1 << 20;
  /// Those beyond wait in the kernel's backlog; connections that have been idle for a second are closed for them.
  std::size_t most_connections = 1024;
  /// Of one address; one more is closed at once. 0: as many as there are. Trusted proxies and unix sockets have no such
  /// bound.
  std::size_t most_of_one_address = 0;
  TrustedProxies trusted_proxies{};    ///< whose X-Forwarded-For says who asks
  Milliseconds idle_limit{30'000};     ///< for a request to begin, and for a peer that takes nothing of its answer
  Milliseconds request_limit{10'000};  ///< from the first byte of a request to its last, however they drip in
};

/// What a server has done, to look at now and then.
struct ServerCounts {
  struct Route {
    std::string method;
    std::string pattern;  ///< "none" for requests that no route has answered
    std::shared_ptr<const RouteCounts> counts;
  };
  std::vector<Route> routes;
  std::size_t connections = 0;     ///< open
  unsigned long long refused = 0;  ///< since the start: their addresses had too many
};

class Server {
public:
  /// Binds and listens; throws `io` or `conflict` (address in use). Does not serve before `start`.
  Server(ServerOptions options, Router router);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves on threads of its own; returns at once.
  void start();
  /// Stops accepting, requests `Request::stopping`, lets running handlers end and answer (at most `grace`), closes.
  /// Returns once no handler runs any more: one that ignores `stopping` delays it. Idempotent.
  void stop(Milliseconds grace = Milliseconds(2000));
  [[nodiscard]] std::uint16_t port() const;

  /// From now on requests are answered by `router`; those that are being answered stay with the one before, and are
  /// waited for, for a few seconds. One call at a time.
  void replace(Router router);
  [[nodiscard]] ServerCounts counts() const;
  /// Whether the threads that read and write do so within `limit`.
  [[nodiscard]] bool responds(Milliseconds limit);

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The HTTP status that an error code maps to (`not_found` 404, `conflict` 409, ...).
[[nodiscard]] unsigned status_of(ErrorCode code) noexcept;

/// RFC 9457, application/problem+json: type, title, status, detail, code (ours), hint (ours), causes (ours).
[[nodiscard]] Response problem(const ErrorReport& report);

/// As above, with a status that HTTP knows and our codes don't (401, 405, 413, ...).
[[nodiscard]] Response problem(const ErrorReport& report, unsigned status);

}  // namespace rescue::http
