// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection of the server: reads requests with a deadline, has them answered, writes the answers.

#include "core/http/listener.hpp"
#include "core/http/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>
#include <stop_token>

namespace rescue::http {

/// What all connections of a server share. Outlives them.
struct ConnectionContext {
  const ServerOptions& options;
  const Router& router;
  boost::asio::thread_pool& pool;
  std::stop_token stopping;
  std::function<bool()> crowded;  ///< no room for idle connections: close after the answer
};

/// Lives on the io thread only; handlers of the pool see the request, never the connection.
class Connection : public std::enable_shared_from_this<Connection> {
public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  Connection(Socket socket, const ConnectionContext& context);

  /// Serves until the peer goes, errs, or the server stops.
  boost::asio::awaitable<void> serve();
  /// Ends an idle connection at once, a busy one after its answer.
  void drain();
  /// Closes now, whatever it does.
  void close() noexcept;

private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> read(Parser& parser);
  boost::asio::awaitable<void> agree_to_continue(Parser& parser);
  boost::asio::awaitable<void> refuse(boost::system::error_code error, bool got_some);
  boost::asio::awaitable<Response> answer(Request& request);
  boost::asio::awaitable<Response> answer_on_pool(const Router::Route& route, const Request& request);
  boost::asio::awaitable<bool> write(Response response, bool head_only, bool keep_alive);
  boost::asio::awaitable<void> linger();
  void arm(Milliseconds limit);
  void disarm();

  Socket socket_;
  boost::asio::steady_timer deadline_;
  const ConnectionContext& context_;
  boost::beast::flat_buffer buffer_;
  Peer peer_;
  bool reading_ = false;
  bool expired_ = false;
};

}  // namespace rescue::http
