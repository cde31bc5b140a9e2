// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Connection of the server: reads requests with a deadline, has them answered, writes the answers.

#include "core/elastic_pool.hpp"
#include "core/http/listener.hpp"
#include "core/http/peer_places.hpp"
#include "core/http/request_parser.hpp"
#include "core/http/response_head.hpp"
#include "core/http/server.hpp"
#include "core/http/websocket.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>

namespace rescue::http {

/// State that all connections of a server share. Outlives them.
struct ConnectionContext {
  const ServerOptions& options;
  boost::asio::thread_pool& pool;
  boost::asio::thread_pool& reserved;
  ElasticPool& slow;
  std::stop_token stopping;
  BodyLimits bodies;
  std::atomic<std::size_t> open{0};  ///< connections
  RouteCounts unmatched{};           ///< requests that no route has answered
  PeerPlaces places{};
  std::atomic<unsigned long long> refused{0};  ///< connections of addresses above their limit

  /// True if there is no room for idle connections: they close after the answer.
  [[nodiscard]] bool is_full() const noexcept { return open.load() >= options.most_connections; }
  /// True if `places` counts connections of this peer.
  [[nodiscard]] bool bounds(const Peer& peer) const {
    return options.most_of_one_address != 0 && !peer.uid && peer.name != "unix" &&
           !options.trusted_proxies.holds(peer.name);
  }
};

/// Used on the thread of its loop only; handlers of the pool see the request, never the connection.
class Connection : public std::enable_shared_from_this<Connection> {
public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  /// `router` is read for each request, and lives as long as the loop. A peer that the context limits has its place
  /// already, and leaves it with the connection.
  Connection(Socket socket, Peer peer, ConnectionContext& context, const std::shared_ptr<const Router>& router);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until the peer goes or fails, or the server stops.
  boost::asio::awaitable<void> serve();
  /// Ends an idle connection at once, a busy one after its answer.
  void drain();
  /// Closes at once, even if busy.
  void close() noexcept;
  /// Closes what takes too long. Called periodically: a timer for each connection would cost more than most requests.
  void look_at_deadline(SteadyTime now);
  /// Closes if no byte of a request has come since `when`.
  void make_room(SteadyTime when);

private:
  using Failure = boost::system::error_code;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  Awaitable<Failure> read(RequestParser& parser);
  Awaitable<Failure> read_more();
  Awaitable<std::optional<Response>> admit_large_body(RequestParser& parser);
  Awaitable<void> refuse(Failure error, const RequestParser& parser);
  void complete(Request& request) const;
  Awaitable<Response> answer_on_thread(const Router::Route& route, const Request& request);
  Awaitable<void> serve_upgraded(const Upgrade& upgrade, const Request& request);
  Awaitable<bool> write(const Response& response, bool head_only, Framing framing);
  Awaitable<bool> send(std::string_view first, std::string_view second, int flags);
  Awaitable<bool> send_file(const FilePart& part);
  Awaitable<bool> send_stream(Stream& stream, bool chunked);
  Awaitable<bool> wait_until_writable();
  Awaitable<void> linger();
  void expire_after(Milliseconds limit);
  /// Renews the deadline with each larger piece: a large file may take its time, a peer that reads single bytes may
  /// not.
  void made_progress(std::size_t sent);

  Socket socket_;
  ConnectionContext& context_;
  const std::shared_ptr<const Router>& router_;
  boost::beast::flat_buffer buffer_;
  const Peer peer_;
  std::string head_;
  std::optional<Response> refusal_;  ///< refusal of a large body
  std::weak_ptr<Stream> stream_;
  std::weak_ptr<WebSocket> websocket_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime idle_since_{};
  std::size_t progress_ = 0;
  bool reading_ = false;
  bool idle_ = false;  ///< no byte of the next request has come
  bool expired_ = false;
};

}  // namespace rescue::http
