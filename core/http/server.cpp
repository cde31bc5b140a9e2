// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include "core/http/listener.hpp"
#include "core/http/loop.hpp"

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <vector>

namespace rescue::http {

class Server::Impl {
public:
  Impl(ServerOptions options, Router router)
      : options_(std::move(options)), router_(std::move(router)), listener_(options_),
        pool_(options_.pool_threads), context_{options_, router_, pool_, stopping_.get_token()} {
    for (unsigned i = 0; i < std::max(1U, options_.io_threads); ++i) {
      loops_.push_back(std::make_unique<Loop>(listener_.share_fd(), context_));
    }
  }

  ~Impl() { stop(Milliseconds(0)); }

  void start() {
    started_ = true;
    for (const auto& loop : loops_) loop->start();
  }

  void stop(Milliseconds grace) {
    if (!stopping_.request_stop()) return;
    listener_.close_fd();
    if (started_) {
      for (const auto& loop : loops_) loop->drain();
      const auto limit = std::chrono::steady_clock::now() + grace;
      for (const auto& loop : loops_) (void)loop->wait_until_drained(limit);
      for (const auto& loop : loops_) loop->close_all();
    }
    pool_.stop();  // what has not begun is dropped; what runs is waited for, since it uses what our owner owns
    pool_.join();
    for (const auto& loop : loops_) loop->join();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

private:
  // The order is that of destruction, reversed: frames of coroutines that wait in the pool or in a loop use what is
  // above.
  const ServerOptions options_;
  const Router router_;
  Listener listener_;
  std::stop_source stopping_;
  boost::asio::thread_pool pool_;
  ConnectionContext context_;
  std::vector<std::unique_ptr<Loop>> loops_;
  bool started_ = false;
};

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {}
Server::~Server() = default;
void Server::start() { impl_->start(); }
void Server::stop(Milliseconds grace) { impl_->stop(grace); }
std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace rescue::http
