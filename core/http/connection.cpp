// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/connection.hpp"

#include "core/http/target.hpp"
#include "core/log.hpp"
#include "core/secret.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>

namespace rescue::http {
namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t largest_header = 16U << 10U;
constexpr std::size_t largest_buffer = std::size_t{64} << 10U;
constexpr Milliseconds linger_limit{1'000};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

Response refusal(unsigned status, ErrorCode code, std::string message, std::string hint = {}) {
  ErrorReport report;
  report.code = code;
  report.message = std::move(message);
  report.hint = std::move(hint);
  return problem(report, status);
}

/// The route's pattern, for the log: the path itself may name a secret (a one-time link).
std::string pattern_of(const Router::Route& route) {
  std::string pattern = route.method + ' ';
  for (const auto& segment : route.segments) pattern += '/' + segment;
  return pattern;
}

/// What a handler does, as a response; nothing a handler throws gets past this.
Response run_handler(const Router::Route& route, const Request& request) noexcept {
  try {
    return route.handler(request);
  } catch (const Error& error) {
    return problem(report_of(error));
  } catch (const std::exception& error) {
    log::error("{} failed: {}", pattern_of(route), report_of(error).one_line());
  } catch (...) {
    log::error("{} failed with an unknown exception", pattern_of(route));
  }
  return refusal(500, ErrorCode::internal, "the request failed for a reason that is in the server's log");
}

Request to_request(bhttp::request<bhttp::string_body>&& message, const Peer& peer, std::stop_token stopping) {
  Request request;
  request.method = std::string(message.method_string());
  for (const auto& field : message) {
    auto& value = request.headers[lower(std::string_view(field.name_string().data(), field.name_string().size()))];
    if (!value.empty()) value += ", ";  // RFC 9110, 5.3: repeated fields are one list
    value += std::string_view(field.value().data(), field.value().size());
  }
  request.body = std::move(message.body());
  request.peer = peer.name;
  request.peer_uid = peer.uid;
  request.stopping = std::move(stopping);
  return request;
}

}  // namespace

Connection::Connection(Socket socket, const ConnectionContext& context)
    : socket_(std::move(socket)), deadline_(socket_.get_executor()), context_(context), buffer_(largest_buffer),
      peer_(peer_of(socket_.native_handle())) {}

asio::awaitable<void> Connection::serve() {
  const auto self = shared_from_this();
  for (bool go_on = true; go_on;) {
    Parser parser;
    parser.header_limit(largest_header);
    parser.body_limit(context_.options.largest_body);
    if (!co_await read(parser)) break;
    auto message = parser.release();
    const bool head_only = message.method() == bhttp::verb::head;
    const std::string target(message.target());
    const bool wants_more = message.keep_alive();
    auto request = to_request(std::move(message), peer_, context_.stopping);
    Response response;
    if (read_target(target, request)) {
      response = co_await answer(request);
    } else {
      response = refusal(400, ErrorCode::usage, "the request's target is malformed",
                         "Percent-encode it (RFC 3986); dot segments and encoded slashes are refused.");
    }
    wipe(request.body);
    const bool keep_alive = wants_more && !context_.stopping.stop_requested() && !context_.crowded();
    go_on = co_await write(std::move(response), head_only, keep_alive);
  }
  close();
}

asio::awaitable<bool> Connection::read(Parser& parser) {
  error_code error;
  reading_ = true;
  arm(context_.options.idle_limit);
  co_await bhttp::async_read_header(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_await agree_to_continue(parser);
  if (!error) co_await bhttp::async_read(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
  disarm();
  reading_ = false;
  if (!error) co_return true;
  co_await refuse(error, parser.got_some() || buffer_.size() > 0);
  co_return false;
}

asio::awaitable<void> Connection::agree_to_continue(Parser& parser) {
  if (lower(std::string_view(parser.get()[bhttp::field::expect])) != "100-continue") co_return;
  error_code ignored;  // a peer that went away shows at the next read
  bhttp::response<bhttp::empty_body> go_on(bhttp::status::continue_, parser.get().version());
  co_await bhttp::async_write(socket_, go_on, asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Connection::refuse(error_code error, bool got_some) {
  Response response;
  if (expired_) {
    if (!got_some) co_return;  // idle: nothing was asked, so nothing is answered
    response = refusal(408, ErrorCode::timeout, "the request did not arrive in time");
  } else if (error == bhttp::error::body_limit) {
    response = refusal(413, ErrorCode::usage, "the request's body is too large",
                       "It may have " + std::to_string(context_.options.largest_body) + " bytes.");
  } else if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
    response = refusal(431, ErrorCode::usage, "the request's header is too large",
                       "It may have " + std::to_string(largest_header) + " bytes.");
  } else if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message ||
             error.category() != bhttp::make_error_code(bhttp::error::bad_method).category()) {
    co_return;  // the peer is gone, or the server stops
  } else {
    response = refusal(400, ErrorCode::usage, "the request is not valid HTTP: " + error.message());
  }
  (void)co_await write(std::move(response), false, false);
  co_await linger();
}

asio::awaitable<Response> Connection::answer(Request& request) {
  const Router::Route* route = nullptr;
  Response missing;
  try {
    route = &context_.router.match(request);
  } catch (const Error& error) {
    missing = problem(report_of(error));
  }
  if (route == nullptr) co_return missing;
  if (route->run_on == RunOn::io_thread) co_return run_handler(*route, request);
  co_return co_await answer_on_pool(*route, request);
}

asio::awaitable<Response> Connection::answer_on_pool(const Router::Route& route, const Request& request) {
  const auto executor = socket_.get_executor();
  auto& pool = context_.pool;
  // Named, not a temporary of the co_await expression: GCC 12 destroys captures of such temporaries twice.
  auto start = [&route, &request, &pool, executor](auto handler) {
    auto work = [&route, &request, executor, handler = std::move(handler)]() mutable {
      auto response = run_handler(route, request);
      auto resume = [handler = std::move(handler), response = std::move(response)]() mutable {
        std::move(handler)(std::move(response));
      };
      asio::post(executor, std::move(resume));
    };
    asio::post(pool, std::move(work));
  };
  auto token = asio::use_awaitable;
  co_return co_await asio::async_initiate<asio::use_awaitable_t<>, void(Response)>(std::move(start), token);
}

asio::awaitable<bool> Connection::write(Response response, bool head_only, bool keep_alive) {
  bhttp::response<bhttp::string_body> message(bhttp::int_to_status(response.status), 11);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (!response.body.empty()) message.set(bhttp::field::content_type, response.content_type);
  message.body() = std::move(response.body);
  message.prepare_payload();
  message.keep_alive(keep_alive);
  bhttp::response_serializer<bhttp::string_body> serializer(message);
  error_code error;
  arm(context_.options.idle_limit);
  if (head_only) {
    co_await bhttp::async_write_header(socket_, serializer, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await bhttp::async_write(socket_, serializer, asio::redirect_error(asio::use_awaitable, error));
  }
  disarm();
  wipe(message.body());  // it may have carried a password or a token
  co_return !error && keep_alive;
}

/// Reads on for a moment after an early refusal: closing with unread data resets the connection, and the peer would
/// lose our answer (RFC 9112, 9.6).
asio::awaitable<void> Connection::linger() {
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  std::array<char, 4096> discarded{};
  arm(linger_limit);
  while (!error) {
    co_await socket_.async_read_some(asio::buffer(discarded), asio::redirect_error(asio::use_awaitable, error));
  }
  disarm();
}

void Connection::arm(Milliseconds limit) {
  expired_ = false;
  deadline_.expires_after(limit);
  deadline_.async_wait([this, weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (error || !self || deadline_.expiry() > asio::steady_timer::clock_type::now()) return;
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  });
}

void Connection::disarm() { deadline_.expires_at(asio::steady_timer::time_point::max()); }

void Connection::drain() {
  if (reading_) close();
}

void Connection::close() noexcept {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  deadline_.cancel();
}

}  // namespace rescue::http
