// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/loop.hpp"

#include "core/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>

namespace rescue::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr Milliseconds moment{100};
constexpr Milliseconds long_idle{1'000};  ///< after this an idle connection may be closed for others
constexpr int most_at_a_time = 16;        ///< accepted before others run

/// Blocks SIGPIPE on this thread: sendfile has no MSG_NOSIGNAL.
void block_sigpipe() {
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

Loop::Loop(FileDescriptor listening, ConnectionContext& context, std::shared_ptr<const Router> router)
    : context_(context), router_(std::move(router)), acceptor_(io_, listening.release()), vacancy_(io_) {}

Loop::~Loop() { join(); }

void Loop::start() {
  asio::co_spawn(io_, accept_all(), asio::detached);
  asio::co_spawn(io_, look_at_deadlines(), asio::detached);
  thread_ = std::thread([this] {
    block_sigpipe();
    io_.run();
  });
}

void Loop::drain() {
  asio::post(io_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    vacancy_.cancel();
    for (auto* const connection : connections_) connection->drain();
    announce_when_empty();
  });
}

bool Loop::wait_until_drained(SteadyTime limit) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, limit, [this] { return drained_; });
}

void Loop::close_all() {
  asio::post(io_, [this] {
    for (auto* const connection : connections_) connection->close();
  });
}

void Loop::post(std::function<void()> work) { asio::post(io_, std::move(work)); }

void Loop::join() {
  work_.reset();
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

asio::awaitable<void> Loop::accept_all() {
  while (!context_.stopping.stop_requested()) {
    if (context_.is_full()) {
      make_room();
      if (context_.is_full()) co_await wait(moment);
      continue;
    }
    error_code error;
    co_await acceptor_.async_wait(asio::posix::descriptor_base::wait_read,
                                  asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    for (int i = 0; i < most_at_a_time && !context_.is_full() && accept_one(); ++i) {
    }
    if (std::exchange(out_of_descriptors_, false)) {
      make_room();
      co_await wait(moment);
    }
  }
}

bool Loop::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  void* const place = &address;
  const int fd =
      ::accept4(acceptor_.native_handle(), static_cast<sockaddr*>(place), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    serve(fd, address);
    return true;
  }
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    log::warning("can't accept a connection: {}", system_error("accept", errno).what());
    out_of_descriptors_ = true;
    return false;
  }
  return errno == ECONNABORTED || errno == EINTR;
}

/// Waits until a connection of this loop ends, at most `limit`.
asio::awaitable<void> Loop::wait(Milliseconds limit) {
  error_code ignored;
  vacancy_.expires_after(limit);
  co_await vacancy_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Loop::look_at_deadlines() {
  const auto& options = context_.options;
  const auto pace = std::clamp(std::min(options.idle_limit, options.request_limit) / 8, Milliseconds(5), moment * 5);
  asio::steady_timer timer(io_);
  while (true) {
    error_code ignored;
    timer.expires_after(pace);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto now = std::chrono::steady_clock::now();
    for (auto* const connection : connections_) connection->look_at_deadline(now);
  }
}

void Loop::make_room() {
  const auto when = std::chrono::steady_clock::now() - long_idle;
  for (auto* const connection : connections_) connection->make_room(when);
}

bool Loop::has_place_for(const Peer& peer) {
  const auto most = context_.options.most_of_one_address;
  if (!context_.bounds(peer) || context_.places.take(peer.name, most)) return true;
  ++context_.refused;
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_word_of_refused_) {
    next_word_of_refused_ = now + moment * 600;
    log::warning("{} has {} connections, the limit of one address: more are closed at once", peer.name, most);
  }
  return false;
}

void Loop::serve(int fd, const sockaddr_storage& address) {
  FileDescriptor owned(fd);
  auto peer = peer_of(fd, address);
  if (!has_place_for(peer)) return;
  Connection::Socket socket(io_, asio::generic::stream_protocol(address.ss_family, 0), owned.get());
  (void)owned.release();
  auto connection = std::make_shared<Connection>(std::move(socket), std::move(peer), context_, router_);
  connections_.insert(connection.get());
  asio::co_spawn(io_, connection->serve(), [this, connection](const std::exception_ptr& failure) mutable {
    connections_.erase(connection.get());
    connection->close();
    connection.reset();
    vacancy_.cancel();
    if (failure) log::error("a connection failed inside the server; it was closed");
    announce_when_empty();
  });
}

void Loop::announce_when_empty() {
  if (!context_.stopping.stop_requested() || !connections_.empty()) return;
  const std::lock_guard lock(mutex_);
  drained_ = true;
  emptied_.notify_all();
}

}  // namespace rescue::http
