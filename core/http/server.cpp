// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include "core/http/connection.hpp"
#include "core/http/listener.hpp"
#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace rescue::http {
namespace asio = boost::asio;
using boost::system::error_code;

class Server::Impl {
public:
  Impl(ServerOptions options, Router router)
      : options_(std::move(options)), router_(std::move(router)), listener_(options_), pool_(options_.pool_threads),
        acceptor_(io_, listener_.release_fd()),
        vacancy_(io_), context_{options_, router_, pool_, stopping_.get_token(), [this] { return is_full(); }} {}

  ~Impl() { stop(Milliseconds(0)); }

  void start() {
    asio::co_spawn(io_, accept_all(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop(Milliseconds grace) {
    if (!stopping_.request_stop()) return;
    if (thread_.joinable()) {
      asio::post(io_, [this] { drain(); });
      {
        std::unique_lock lock(mutex_);
        emptied_.wait_for(lock, grace, [this] { return drained_; });
      }
      asio::post(io_, [this] { close_all(); });
    }
    pool_.stop();  // what has not begun is dropped; what runs is waited for, since it uses what our owner owns
    pool_.join();
    work_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

private:
  [[nodiscard]] bool is_full() const { return connections_.size() >= options_.most_connections; }

  asio::awaitable<void> accept_all() {
    while (!stopping_.stop_requested()) {
      error_code error;
      if (is_full()) {
        co_await wait(asio::steady_timer::duration::max());
        continue;
      }
      co_await acceptor_.async_wait(asio::posix::descriptor_base::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) {
        serve(fd);
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log::warning("can't accept a connection: {}", system_error("accept", errno).what());
        co_await wait(std::chrono::milliseconds(100));
      }
    }
  }

  /// Until a connection ends, at most `limit`.
  asio::awaitable<void> wait(asio::steady_timer::duration limit) {
    error_code ignored;
    if (limit == asio::steady_timer::duration::max()) {
      vacancy_.expires_at(asio::steady_timer::time_point::max());
    } else {
      vacancy_.expires_after(limit);
    }
    co_await vacancy_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  void serve(int fd) {
    FileDescriptor owned(fd);
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    void* const place = &address;
    if (::getsockname(fd, static_cast<sockaddr*>(place), &size) != 0) return;
    Connection::Socket socket(io_, asio::generic::stream_protocol(address.ss_family, 0), owned.release());
    auto connection = std::make_shared<Connection>(std::move(socket), context_);
    connections_.insert(connection.get());
    asio::co_spawn(io_, connection->serve(), [this, connection](const std::exception_ptr& failure) {
      connections_.erase(connection.get());
      connection->close();
      vacancy_.cancel();
      if (failure) log::error("a connection failed inside the server; it was closed");
      announce_when_empty();
    });
  }

  void drain() {
    error_code ignored;
    acceptor_.close(ignored);
    vacancy_.cancel();
    for (auto* const connection : connections_) connection->drain();
    announce_when_empty();
  }

  void close_all() {
    for (auto* const connection : connections_) connection->close();
  }

  void announce_when_empty() {
    if (!stopping_.stop_requested() || !connections_.empty()) return;
    const std::lock_guard lock(mutex_);
    drained_ = true;
    emptied_.notify_all();
  }

  // The order is that of destruction, reversed: frames of coroutines that wait in the pool or in io_ use what is above.
  const ServerOptions options_;
  const Router router_;
  Listener listener_;
  std::stop_source stopping_;
  std::unordered_set<Connection*> connections_;
  std::mutex mutex_;
  std::condition_variable emptied_;
  bool drained_ = false;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::thread_pool pool_;
  asio::posix::stream_descriptor acceptor_;
  asio::steady_timer vacancy_;
  const ConnectionContext context_;
  std::thread thread_;
};

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {}
Server::~Server() = default;
void Server::start() { impl_->start(); }
void Server::stop(Milliseconds grace) { impl_->stop(grace); }
std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace rescue::http
