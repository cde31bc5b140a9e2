// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs one WebSocket on its io_context's thread, on either side and over any stream: one coroutine reads, one writes.

#include "core/error.hpp"
#include "core/http/websocket.hpp"
#include "core/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace rescue::http {

/// Queue of a socket, between its handle and the coroutines.
class WebSocketState final : public WebSocket, public std::enable_shared_from_this<WebSocketState> {
public:
  using Timer = boost::asio::steady_timer;

  WebSocketState(const boost::asio::any_io_executor& executor, WebSocketLimits limits, std::function<void()> drop)
      : limits_(limits), executor_(executor), drop_(std::move(drop)), timers_(std::make_unique<Timers>(executor)) {}

  bool send(MessageKind kind, std::string message) override;
  [[nodiscard]] std::size_t pending() const override;
  void pause_reading() override;
  void resume_reading() override;
  void close(CloseCode code, std::string_view reason) override;

  // For the coroutines, on the socket's thread.
  struct Message {
    MessageKind kind = MessageKind::binary;
    std::string bytes;
  };
  struct Closing {
    CloseCode code = CloseCode::normal;
    std::string reason;
  };
  [[nodiscard]] std::optional<Message> next();
  /// Limits the write that follows, until `sent`: a peer that does not take a message within WebSocketLimits::silence
  /// is dropped.
  void begin_write();
  /// Counts a message as sent; true if the handler is to be notified.
  [[nodiscard]] bool sent(std::size_t bytes);
  [[nodiscard]] std::optional<Closing> closing() const;
  [[nodiscard]] bool is_paused() const;
  [[nodiscard]] bool is_over() const;
  /// Ends the handle: nothing is posted any more.
  void end();
  /// Lets a coroutine look at everything again.
  void wake_writer();
  void wake_reader();
  /// Closes the stream at once.
  void drop() const { drop_(); }
  /// Destroys what belongs to the io_context, which the handle may outlive.
  void release();
  [[nodiscard]] Timer& news() noexcept { return timers_->news; }
  [[nodiscard]] Timer& reading() noexcept { return timers_->reading; }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

private:
  struct Timers {
    explicit Timers(const boost::asio::any_io_executor& executor)
        : news(executor, SteadyTime::max()), reading(executor, SteadyTime::max()), writing(executor),
          farewell(executor) {}
    Timer news;
    Timer reading;
    Timer writing;
    Timer farewell;
  };
  void wake_locked();
  void begin_farewell();

  const WebSocketLimits limits_;
  const boost::asio::any_io_executor executor_;
  const std::function<void()> drop_;  ///< closes the stream at once
  std::unique_ptr<Timers> timers_;    ///< used on the socket's thread only
  mutable std::mutex mutex_;
  std::deque<Message> queue_;
  std::size_t pending_ = 0;
  bool is_behind_ = false;  ///< `on_drained` is due
  bool is_paused_ = false;
  bool is_woken_ = false;
  bool is_over_ = false;
  std::optional<Closing> closing_;
};

/// Ends the handle and notifies the handler, also when the coroutine is destroyed in the middle.
class WebSocketEnd {
public:
  WebSocketEnd(std::shared_ptr<WebSocketState> state, std::shared_ptr<WebSocketHandler> handler)
      : state_(std::move(state)), handler_(std::move(handler)) {}
  ~WebSocketEnd() {
    state_->end();
    state_->release();
    handler_->on_close(reason);
  }
  WebSocketEnd(const WebSocketEnd&) = delete;
  WebSocketEnd& operator=(const WebSocketEnd&) = delete;

  std::string reason = "stopped";

private:
  std::shared_ptr<WebSocketState> state_;
  std::shared_ptr<WebSocketHandler> handler_;
};

/// Runs a call of the handler; false, with a line in the log, if it throws.
template <class Call>
[[nodiscard]] bool handled(Call call) noexcept {
  try {
    call();
    return true;
  } catch (const std::exception& error) {
    log::error("the handler of a WebSocket failed, which was closed: {}", report_of(error).one_line());
  } catch (...) {
    log::error("the handler of a WebSocket failed with an unknown exception");
  }
  return false;
}

/// Sets what holds for each socket of ours.
template <class Socket>
void configure(Socket& socket, const WebSocketLimits& limits) {
  namespace websocket = boost::beast::websocket;
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = limits.farewell;
  timeout.idle_timeout = limits.silence;
  timeout.keep_alive_pings = true;
  socket.set_option(timeout);
  socket.read_message_max(limits.largest_message);
  socket.auto_fragment(false);
}

/// Sends what is queued, until the socket ends.
template <class Socket>
boost::asio::awaitable<void> write_websocket(Socket& socket, std::shared_ptr<WebSocketState> state,
                                             std::shared_ptr<WebSocketHandler> handler) {
  namespace asio = boost::asio;
  boost::system::error_code error;
  while (!error && !state->is_over()) {
    if (const auto message = state->next()) {
      socket.binary(message->kind == MessageKind::binary);
      state->begin_write();
      co_await socket.async_write(asio::buffer(message->bytes), asio::redirect_error(asio::use_awaitable, error));
      const bool is_drained = state->sent(message->bytes.size()) && !error;
      if (is_drained && !handled([&] { handler->on_drained(); })) break;
    } else if (const auto closing = state->closing()) {
      boost::beast::websocket::close_reason reason(static_cast<std::uint16_t>(closing->code));
      reason.reason.assign(closing->reason.data(), closing->reason.size());
      co_await socket.async_close(reason, asio::redirect_error(asio::use_awaitable, error));
      break;
    } else {
      boost::system::error_code ignored;
      co_await state->news().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }
}

/// Serves an open socket until it ends, and returns once nothing uses it any more. Notifies the handler of everything.
template <class Socket>
boost::asio::awaitable<void> serve_websocket(Socket& socket, std::shared_ptr<WebSocketState> state,
                                             std::shared_ptr<WebSocketHandler> handler) {
  namespace asio = boost::asio;
  constexpr std::size_t kept_buffer = std::size_t{16} << 10U;
  WebSocketEnd end(state, handler);
  bool is_handled = handled([&] { handler->on_open(state); });
  // Shared with the writer's end, which may come after this frame is gone.
  struct Writer {
    explicit Writer(const asio::any_io_executor& executor) : ended(executor, SteadyTime::max()) {}
    asio::steady_timer ended;
    bool is_done = false;
  };
  const auto writer = std::make_shared<Writer>(state->executor());
  asio::co_spawn(state->executor(), write_websocket(socket, state, handler),
                 [writer, state](const std::exception_ptr&) {
                   writer->is_done = true;
                   writer->ended.cancel();
                   state->drop();
                   state->wake_reader();
                 });
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  while (!error && is_handled) {
    boost::system::error_code ignored;
    while (state->is_paused() && !writer->is_done && !state->is_over()) {
      co_await state->reading().async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (writer->is_done) break;
    co_await socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    const auto bytes = buffer.cdata();
    const auto kind = socket.got_text() ? MessageKind::text : MessageKind::binary;
    is_handled = handled([&] { handler->on_message(kind, {static_cast<const char*>(bytes.data()), bytes.size()}); });
    buffer.consume(buffer.size());
    if (buffer.capacity() > kept_buffer) buffer.shrink_to_fit();
  }
  end.reason = error == boost::beast::websocket::error::closed ? "closed in order" : error.message();
  state->end();
  boost::beast::close_socket(boost::beast::get_lowest_layer(socket));
  state->wake_writer();
  boost::system::error_code ignored;
  while (!writer->is_done) co_await writer->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace rescue::http
