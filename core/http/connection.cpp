// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/connection.hpp"

#include "core/http/answering.hpp"
#include "core/http/request_id.hpp"
#include "core/http/stream.hpp"
#include "core/http/websocket_session.hpp"
#include "core/secret.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <variant>

namespace rescue::http {
namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto stops = "the server stops";  ///< reason of closed sockets

constexpr std::size_t largest_buffer = std::size_t{64} << 10U;
constexpr std::size_t piece = 2048;  ///< of a request
constexpr std::size_t file_piece = std::size_t{512} << 10U;
constexpr std::size_t least_progress = std::size_t{16} << 10U;
constexpr Milliseconds linger_limit{1'000};

/// Runs `work` on the pool, and resumes with its result on `executor`.
template <class Result, class Work>
asio::awaitable<Result> on_pool(asio::any_io_executor executor, asio::thread_pool& pool, Work work) {
  // Named, not a temporary of the co_await expression: GCC 12 destroys captures of such temporaries twice.
  auto start = [&pool, &work, executor](auto handler) {
    auto job = [&work, executor, handler = std::move(handler)]() mutable {
      auto result = work();
      auto resume = [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      };
      asio::post(executor, std::move(resume));
    };
    asio::post(pool, std::move(job));
  };
  auto token = asio::use_awaitable;
  co_return co_await asio::async_initiate<asio::use_awaitable_t<>, void(Result)>(std::move(start), token);
}

using Admitted = std::variant<std::string, Response>;

Admission admission_of(const Router& router, const std::string& method, std::string_view path) {
  for (const auto& large : router.large_bodies()) {
    if (large.method == method && large.path == path) return large.admission;
  }
  return {};
}

bool is_protocol_error(const error_code& error) {
  return error.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
}

}  // namespace

Connection::Connection(Socket socket, Peer peer, ConnectionContext& context,
                       const std::shared_ptr<const Router>& router)
    : socket_(std::move(socket)), context_(context), router_(router), buffer_(largest_buffer), peer_(std::move(peer)) {
  ++context_.open;
}

Connection::~Connection() {
  --context_.open;
  if (context_.bounds(peer_)) context_.places.leave(peer_.name);
}

asio::awaitable<void> Connection::serve() {
  const auto self = shared_from_this();
  for (bool go_on = true; go_on && !context_.stopping.stop_requested();) {
    RequestParser parser(context_.bodies);
    if (const auto error = co_await read(parser)) {
      co_await refuse(error, parser);
      break;
    }
    auto& request = parser.request();
    complete(request);
    const auto router = router_;  // may be replaced before this is answered
    const Router::Route* route = nullptr;
    const auto began = std::chrono::steady_clock::now();
    auto response = answer_at_once(*router, parser, request, route);
    if (!response) response = co_await answer_on_thread(*route, request);
    auto& counts = route != nullptr && route->counts ? *route->counts : context_.unmatched;
    const auto took = std::chrono::steady_clock::now() - began;
    counts.add(response->status, took);
    log_answer(route, request, response->status, took);
    parser.release_body();
    if (response->upgrade && route->is_websocket && !context_.stopping.stop_requested()) {
      co_await serve_upgraded(*response->upgrade, request);
      break;
    }
    const bool stays = parser.keep_alive() && !context_.stopping.stop_requested() && !context_.is_full();
    go_on = co_await write(*response, request.method == "HEAD", {parser.is_old_protocol(), stays, request.id});
    wipe(response->body);  // may hold a password or a token
  }
  close();
}

/// Fills in what the header does not say.
void Connection::complete(Request& request) const {
  request.id = request_id_from(request.header("x-request-id"));
  request.peer = peer_.name;
  const auto& proxies = context_.options.trusted_proxies;
  if (!proxies.empty()) request.peer = proxies.client_of(peer_.name, request.header("x-forwarded-for"));
  request.peer_uid = peer_.uid;
  request.stopping = context_.stopping;
}

asio::awaitable<error_code> Connection::read(RequestParser& parser) {
  error_code error;
  bool sent_continue = false;
  reading_ = true;
  idle_ = buffer_.size() == 0;
  expire_after(idle_ ? context_.options.idle_limit : context_.options.request_limit);
  while (!parser.is_done()) {
    if (buffer_.size() > 0) {
      const auto used = parser.put(buffer_.cdata(), error);
      buffer_.consume(used);
      if (error && error != bhttp::error::need_more) break;
      if (parser.wants_place()) {
        refusal_ = co_await admit_large_body(parser);
        if (refusal_) {
          error = bhttp::error::body_limit;
          break;
        }
      }
      if (!error && (parser.is_done() || (used > 0 && buffer_.size() > 0))) continue;
      if (parser.is_header_done() && !sent_continue && parser.expects_continue()) {
        sent_continue = true;
        (void)co_await send("HTTP/1.1 100 Continue\r\n\r\n", {}, 0);
      }
    }
    error = co_await read_more();
    if (error) break;
  }
  deadline_ = SteadyTime::max();
  reading_ = idle_ = false;
  co_return error;
}

asio::awaitable<error_code> Connection::read_more() {
  error_code error;
  const auto got =
      co_await socket_.async_read_some(buffer_.prepare(piece), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(got);
  if (!error && idle_) {
    // Deadline of a request from its first byte on, however slowly its bytes arrive.
    idle_ = false;
    expire_after(context_.options.request_limit);
  }
  co_return error;
}

/// Checks a large body before it is read: who sends it, and whether there is room. None: accepted.
asio::awaitable<std::optional<Response>> Connection::admit_large_body(RequestParser& parser) {
  auto& request = parser.request();
  complete(request);
  std::string client = request.peer;
  if (const auto admission = admission_of(*router_, request.method, parser.path())) {
    deadline_ = SteadyTime::max();
    reading_ = false;
    auto work = [&] {
      const auto name = [&] { return request.method + ' ' + parser.path(); };
      return run_guarded(name, request, [&]() -> Admitted { return admission(request); });
    };
    auto admitted = co_await on_pool<Admitted>(socket_.get_executor(), context_.pool, std::move(work));
    reading_ = true;
    expire_after(context_.options.request_limit);
    if (auto* const refused = std::get_if<Response>(&admitted)) co_return std::move(*refused);
    client = std::get<std::string>(admitted);
  }
  const auto outcome = parser.take_place(client);
  if (outcome == LargePlaces::Outcome::taken) co_return std::nullopt;
  co_return no_place(outcome);
}

asio::awaitable<void> Connection::refuse(error_code error, const RequestParser& parser) {
  Response response;
  if (refusal_) {
    response = std::move(*refusal_);
  } else if (const auto& fault = parser.fault()) {
    response = refusal(fault->status, ErrorCode::usage, fault->message, fault->hint);
  } else if (expired_) {
    if (!parser.got_some() && buffer_.size() == 0) co_return;  // idle: there is no request to answer
    response = refusal(408, ErrorCode::timeout, "the request did not arrive in time");
  } else if (error == bhttp::error::body_limit) {
    response = refusal(413, ErrorCode::usage, "the request's body is too large",
                       fmt::format("The limit is {} bytes.", parser.limit()));
  } else if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
    response = refusal(431, ErrorCode::usage, "the request's header is too large",
                       fmt::format("The limit is {} bytes.", RequestParser::largest_header));
  } else if (!is_protocol_error(error)) {
    co_return;  // the peer has gone, or the server stops
  } else {
    response = refusal(400, ErrorCode::usage, "the request is not valid HTTP: " + error.message());
  }
  expired_ = false;
  const auto& id = parser.request().id;
  const auto shown = id.empty() ? request_id_from({}) : id;
  (void)co_await write(response, false, {false, false, shown});
  co_await linger();
}

asio::awaitable<Response> Connection::answer_on_thread(const Router::Route& route, const Request& request) {
  const auto executor = socket_.get_executor();
  auto& context = context_;
  // Named, not a temporary of the co_await expression: GCC 12 destroys captures of such temporaries twice.
  auto start = [&route, &request, &context, executor](auto handler) {
    const auto answered = [executor,
                           handler = std::make_shared<decltype(handler)>(std::move(handler))](Response response) {
      auto resume = [handler, response = std::move(response)]() mutable { std::move (*handler)(std::move(response)); };
      asio::post(executor, std::move(resume));
    };
    auto work = [&route, &request, answered] {
      answered(run_handler(route, request, [&] { return route.handler(request); }));
    };
    if (route.run_on != RunOn::slow) {
      asio::post(route.run_on == RunOn::reserved ? context.reserved : context.pool, std::move(work));
    } else if (!context.slow.try_run(std::move(work))) {
      answered(too_busy());
    }
  };
  auto token = asio::use_awaitable;
  co_return co_await asio::async_initiate<asio::use_awaitable_t<>, void(Response)>(std::move(start), token);
}

/// Completes the handshake and serves the WebSocket until it ends. A client may send nothing before our answer.
asio::awaitable<void> Connection::serve_upgraded(const Upgrade& upgrade, const Request& request) {
  namespace websocket = boost::beast::websocket;
  if (buffer_.size() > 0) co_return;
  bhttp::request<bhttp::empty_body> handshake(bhttp::verb::get, "/", 11);
  for (const auto* const name :
       {"host", "connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"}) {
    if (const auto value = request.header(name); !value.empty()) handshake.set(name, value);
  }
  websocket::stream<Socket&, false> socket(socket_);
  configure(socket, upgrade.limits);
  socket.set_option(websocket::stream_base::decorator([&](websocket::response_type& answer) {
    if (!upgrade.subprotocol.empty()) answer.set("Sec-WebSocket-Protocol", upgrade.subprotocol);
    answer.set("X-Request-Id", request.id);
  }));
  error_code error;
  co_await socket.async_accept(handshake, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  auto state =
      std::make_shared<WebSocketState>(socket_.get_executor(), upgrade.limits, [connection = weak_from_this()] {
        if (const auto self = connection.lock()) self->close();
      });
  websocket_ = state;
  // Draining may have begun before the socket could be told.
  if (context_.stopping.stop_requested()) state->close(CloseCode::going_away, stops);
  co_await serve_websocket(socket, std::move(state), upgrade.handler);
}

asio::awaitable<bool> Connection::write(const Response& response, bool head_only, Framing framing) {
  if (response.stream && framing.old_protocol) framing.keep_alive = false;  // closing ends the body
  write_head(response, framing, head_);
  const bool more = !head_only && (response.file || response.stream);
  expire_after(context_.options.idle_limit);
  bool done = co_await send(head_, head_only || more ? std::string_view{} : response.body, more ? MSG_MORE : 0);
  if (done && more && response.file) done = co_await send_file(*response.file);
  stream_ = response.stream;
  if (done && more && response.stream) done = co_await send_stream(*response.stream, !framing.old_protocol);
  if (head_only && response.stream) response.stream->abandon();
  deadline_ = SteadyTime::max();
  co_return done&& framing.keep_alive;
}

/// Sends bytes; nearly always at once, since the kernel buffers small answers.
asio::awaitable<bool> Connection::send(std::string_view first, std::string_view second, int flags) {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                               iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN || !co_await wait_until_writable()) co_return false;
      continue;
    }
    made_progress(static_cast<std::size_t>(sent));
    const auto of_first = std::min(first.size(), static_cast<std::size_t>(sent));
    first.remove_prefix(of_first);
    second.remove_prefix(static_cast<std::size_t>(sent) - of_first);
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_file(const FilePart& part) {
  auto offset = static_cast<off_t>(part.offset);
  auto left = part.length;
  while (left > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, file_piece));
    const auto sent = ::sendfile(socket_.native_handle(), part.fd.get(), &offset, wanted);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN || !co_await wait_until_writable()) co_return false;
      continue;
    }
    if (sent == 0) co_return false;  // the file was truncated: the peer must notice
    made_progress(static_cast<std::size_t>(sent));
    left -= static_cast<std::uint64_t>(sent);
    if (left > 0) co_await asio::post(socket_.get_executor(), asio::use_awaitable);  // let others run
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_stream(Stream& stream, bool chunked) {
  asio::steady_timer news(socket_.get_executor(), SteadyTime::max());
  // Shared with handlers that may run after this frame is gone.
  struct State {
    explicit State(asio::steady_timer& timer) : news(&timer) {}
    asio::steady_timer* news;
    bool peer_spoke = false;
  };
  const auto state = std::make_shared<State>(news);
  stream.attach([state, executor = socket_.get_executor()] {
    asio::post(executor, [state] {
      if (state->news != nullptr) state->news->cancel();
    });
  });
  // The peer of a stream sends nothing more; if it does, or goes, the stream ends.
  socket_.async_wait(Socket::wait_read, [state](error_code) {
    state->peer_spoke = true;
    if (state->news != nullptr) state->news->cancel();
  });
  bool alive = true;
  for (bool go_on = true; go_on && alive;) {
    const auto taken = stream.take();
    if (!taken.bytes.empty()) {
      expire_after(context_.options.idle_limit);
      const auto size = chunked ? fmt::format("{:x}\r\n", taken.bytes.size()) : std::string{};
      alive = co_await send(size, taken.bytes, MSG_MORE) && co_await send(chunked ? "\r\n" : "", {}, 0);
      deadline_ = SteadyTime::max();
    }
    go_on = !taken.ended && !context_.stopping.stop_requested();
    if (state->peer_spoke || taken.given_up) alive = false;
    if (go_on && alive && taken.bytes.empty()) {
      deadline_ = SteadyTime::max();
      error_code ignored;
      co_await news.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }
  stream.abandon();
  state->news = nullptr;
  error_code ignored;
  socket_.cancel(ignored);
  if (alive && chunked) alive = co_await send("0\r\n\r\n", {}, 0);
  co_return alive;
}

asio::awaitable<bool> Connection::wait_until_writable() {
  error_code error;
  co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

/// Keeps reading for a moment after an early refusal: closing with unread data resets the connection, and the peer
/// would lose our answer (RFC 9112, 9.6).
asio::awaitable<void> Connection::linger() {
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  std::array<char, 4096> discarded{};
  expire_after(linger_limit);
  while (!error) {
    co_await socket_.async_read_some(asio::buffer(discarded), asio::redirect_error(asio::use_awaitable, error));
  }
}

void Connection::expire_after(Milliseconds limit) {
  idle_since_ = std::chrono::steady_clock::now();
  deadline_ = idle_since_ + limit;
  expired_ = false;
  progress_ = 0;
}

void Connection::made_progress(std::size_t sent) {
  progress_ += sent;
  if (progress_ >= least_progress) expire_after(context_.options.idle_limit);
}

void Connection::look_at_deadline(SteadyTime now) {
  if (now < deadline_) return;
  deadline_ = SteadyTime::max();
  expired_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::make_room(SteadyTime when) {
  if (idle_ && idle_since_ <= when) close();
}

void Connection::drain() {
  if (reading_) close();
  if (const auto stream = stream_.lock()) stream->end();
  if (const auto socket = websocket_.lock()) socket->close(CloseCode::going_away, stops);
}

void Connection::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace rescue::http
