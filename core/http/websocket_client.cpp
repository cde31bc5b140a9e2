// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_client.hpp"

#include "core/http/client.hpp"
#include "core/http/websocket_session.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace rescue::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

struct Place {
  bool is_tls = false;
  std::string host;  ///< without the brackets of an IPv6 address
  std::string port;
  std::string authority;  ///< for the Host header
};

Place place_of(const std::string& base_url) {
  const auto url = boost::urls::parse_absolute_uri(base_url);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty()) {
    throw Error(ErrorCode::config_invalid, fmt::format("'{}' is not an http or https URL", base_url),
                "Write it as https://192.0.2.1:8470.");
  }
  Place place;
  place.is_tls = url->scheme() == "https";
  place.host = url->host_address();
  const auto port = url->port();
  place.port = place.is_tls ? "443" : "80";
  if (!port.empty()) place.port.assign(port.data(), port.size());
  const auto authority = url->encoded_host_and_port();
  place.authority.assign(authority.data(), authority.size());
  return place;
}

/// State of one dialled socket, shared with the stop callback.
struct Dialled {
  explicit Dialled(const WebSocketTarget& wanted) : target(wanted), place(place_of(wanted.base_url)) {}
  const WebSocketTarget& target;
  const Place place;
  asio::io_context io{1};
  std::shared_ptr<WebSocketState> state{};
  bool is_stopped = false;
};

/// Throws if a stop request came while there was nothing to close.
void go_on(const Dialled& dialled) {
  if (dialled.is_stopped) throw Error(ErrorCode::cancelled, "the WebSocket was cancelled");
}

[[noreturn]] void throw_failed(const Dialled& dialled, const error_code& error) {
  const bool is_late = error == beast::error::timeout || error == beast::condition::timeout;
  throw Error(is_late ? ErrorCode::timeout : ErrorCode::unavailable,
              fmt::format("{}{} opens no WebSocket: {}", dialled.target.base_url, dialled.target.path,
                          is_late ? "no answer in time" : error.message()));
}

/// Throws the error that the server's answer describes.
void throw_refused(const websocket::response_type& answer) {
  Response response;
  response.status = answer.result_int();
  response.body = answer.body();
  const auto type = answer[beast::http::field::content_type];
  response.content_type.assign(type.data(), type.size());
  throw_if_problem(response);
}

template <class Stream>
asio::awaitable<void> connect(Stream& stream, Dialled& dialled) {
  error_code error;
  asio::ip::tcp::resolver resolver(dialled.io);
  const auto& to = dialled.target.address.empty() ? dialled.place.host : dialled.target.address;
  const auto found =
      co_await resolver.async_resolve(to, dialled.place.port, asio::redirect_error(asio::use_awaitable, error));
  go_on(dialled);
  if (error) throw_failed(dialled, error);
  auto& tcp = beast::get_lowest_layer(stream);
  co_await tcp.async_connect(found, asio::redirect_error(asio::use_awaitable, error));
  if (error) throw_failed(dialled, error);
  tcp.socket().set_option(asio::ip::tcp::no_delay(true), error);
  if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(dialled.place.host));
    error_code is_address;
    (void)asio::ip::make_address(dialled.place.host, is_address);
    auto name = dialled.place.host;
    if (is_address) {  // not an address: a name for SNI
      ::SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    }
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw_failed(dialled, error);
  }
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

template <class Stream>
asio::awaitable<void> dial_and_serve(Stream& stream, Dialled& dialled, const Secret& token,
                                     std::shared_ptr<WebSocketHandler> handler) {
  beast::get_lowest_layer(stream).expires_after(dialled.target.connect_limit);
  co_await connect(stream, dialled);
  websocket::stream<Stream&, false> socket(stream);
  configure(socket, dialled.target.limits);
  socket.write_buffer_bytes(std::size_t{32} << 10U);
  socket.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(beast::http::field::user_agent, "rescue/" RESCUE_VERSION);
    if (!token.empty()) request.set(beast::http::field::authorization, fmt::format("Bearer {}", token.reveal()));
    if (!dialled.target.subprotocols.empty()) {
      request.set(beast::http::field::sec_websocket_protocol, joined(dialled.target.subprotocols));
    }
    for (const auto& [name, value] : dialled.target.headers) request.set(name, value);
  }));
  websocket::response_type answer;
  error_code error;
  co_await socket.async_handshake(answer, dialled.place.authority, dialled.target.path,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error == websocket::error::upgrade_declined) throw_refused(answer);
  if (error) throw_failed(dialled, error);
  go_on(dialled);
  beast::get_lowest_layer(stream).expires_never();
  auto state = std::make_shared<WebSocketState>(dialled.io.get_executor(), dialled.target.limits,
                                                [&stream] { beast::close_socket(beast::get_lowest_layer(stream)); });
  dialled.state = state;
  co_await serve_websocket(socket, std::move(state), std::move(handler));
}

/// Runs the coroutine on this thread. A stop request aborts what is connecting, and closes what is open.
template <class Stream>
void run_on(Stream& stream, Dialled& dialled, const Secret& token, const std::shared_ptr<WebSocketHandler>& handler,
            const std::stop_token& stop) {
  std::exception_ptr failure;
  const std::stop_callback on_stop(stop, [&] {
    asio::post(dialled.io, [&] {
      dialled.is_stopped = true;
      if (dialled.state) {
        dialled.state->close(CloseCode::going_away, "stopped");
      } else {
        beast::get_lowest_layer(stream).close();
      }
    });
  });
  asio::co_spawn(dialled.io, dial_and_serve(stream, dialled, token, handler),
                 [&failure](const std::exception_ptr& thrown) { failure = thrown; });
  dialled.io.run();
  if (!failure) return;
  if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "the WebSocket was cancelled");
  std::rethrow_exception(failure);
}

void run_dialled(Dialled& dialled, const Secret& token, const std::shared_ptr<WebSocketHandler>& handler,
                 const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "the WebSocket was cancelled");
  if (!dialled.place.is_tls) {
    beast::tcp_stream stream(dialled.io);
    return run_on(stream, dialled, token, handler, stop);
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  error_code error;
  ::SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  if (dialled.target.ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(dialled.target.ca_file, error);
  }
  if (error) {
    throw Error(ErrorCode::config_invalid,
                fmt::format("the CA file '{}' can't be used: {}", dialled.target.ca_file, error.message()));
  }
  asio::ssl::stream<beast::tcp_stream> stream(dialled.io, tls);
  run_on(stream, dialled, token, handler, stop);
}

/// Passes bytes between a WebSocket and a stream socket, both on one thread.
class Pump final : public WebSocketHandler, public std::enable_shared_from_this<Pump> {
public:
  Pump(asio::io_context& io, FileDescriptor stream, std::size_t most_queued)
      : socket_(io, asio::generic::stream_protocol(AF_UNIX, 0), stream.get()), most_queued_(most_queued),
        drained_(io, SteadyTime::max()), news_(io, SteadyTime::max()) {
    (void)stream.release();
  }

  void on_open(const std::shared_ptr<WebSocket>& socket) override {
    websocket_ = socket;
    const auto self = shared_from_this();
    asio::co_spawn(socket_.get_executor(), read_stream(self), asio::detached);
    asio::co_spawn(socket_.get_executor(), write_stream(self), asio::detached);
  }
  void on_message(MessageKind kind, std::string_view message) override {
    if (kind != MessageKind::binary || message.empty()) return;
    queued_ += message.size();
    queue_.emplace_back(message);
    if (queued_ > most_queued_) websocket_->pause_reading();
    news_.cancel();
  }
  void on_drained() override { drained_.cancel(); }
  void on_close(std::string_view reason) noexcept override {
    if (reason_.empty()) reason_ = reason;
    is_over_ = true;
    error_code ignored;
    socket_.close(ignored);
    drained_.cancel();
    news_.cancel();
  }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
  static asio::awaitable<void> read_stream(std::shared_ptr<Pump> self) {
    constexpr std::size_t piece = std::size_t{32} << 10U;
    std::string buffer(piece, '\0');
    error_code error;
    while (!error && !self->is_over_) {
      const auto got = co_await self->socket_.async_read_some(asio::buffer(buffer),
                                                              asio::redirect_error(asio::use_awaitable, error));
      if (error || self->is_over_) break;
      if (!self->websocket_->send(MessageKind::binary, buffer.substr(0, got))) break;
      error_code ignored;
      while (self->websocket_->pending() > self->most_queued_ && !self->is_over_) {
        co_await self->drained_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      }
    }
    self->end(error == asio::error::eof ? "the stream has ended" : error.message());
  }

  static asio::awaitable<void> write_stream(std::shared_ptr<Pump> self) {
    error_code error;
    while (!error && !self->is_over_) {
      if (self->queue_.empty()) {
        error_code ignored;
        co_await self->news_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        continue;
      }
      const auto message = std::move(self->queue_.front());
      self->queue_.pop_front();
      co_await asio::async_write(self->socket_, asio::buffer(message),
                                 asio::redirect_error(asio::use_awaitable, error));
      self->queued_ -= message.size();
      if (self->queued_ <= self->most_queued_ / 2) self->websocket_->resume_reading();
    }
    if (error) self->end(error.message());
  }

  void end(const std::string& reason) {
    if (reason_.empty()) reason_ = reason;
    if (!is_over_) websocket_->close(CloseCode::restart, "the stream has ended");
  }

  asio::generic::stream_protocol::socket socket_;
  const std::size_t most_queued_;
  asio::steady_timer drained_;
  asio::steady_timer news_;
  std::shared_ptr<WebSocket> websocket_;
  std::deque<std::string> queue_;
  std::size_t queued_ = 0;
  bool is_over_ = false;
  std::string reason_;
};

}  // namespace

void run_websocket(const WebSocketTarget& target, const Secret& bearer_token,
                   const std::shared_ptr<WebSocketHandler>& handler, const std::stop_token& stop) {
  Dialled dialled(target);
  run_dialled(dialled, bearer_token, handler, stop);
}

std::string pump_websocket(const WebSocketTarget& target, const Secret& bearer_token, FileDescriptor stream,
                           const std::stop_token& stop) {
  Dialled dialled(target);
  const auto pump = std::make_shared<Pump>(dialled.io, std::move(stream), target.limits.drained);
  run_dialled(dialled, bearer_token, pump, stop);
  return pump->reason();
}

}  // namespace rescue::http
