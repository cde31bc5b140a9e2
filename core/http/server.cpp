// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include "core/back_off.hpp"
#include "core/http/listener.hpp"
#include "core/http/loop.hpp"

#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <latch>
#include <mutex>
#include <vector>

namespace rescue::http {

class Server::Impl {
public:
  Impl(ServerOptions options, Router router)
      : options_(std::move(options)), router_(std::make_shared<const Router>(std::move(router))), listener_(options_),
        pool_(options_.pool_threads), reserved_(reserved_pool(options_)),
        slow_(options_.slow_threads), context_{options_,
                                               pool_,
                                               reserved_ ? *reserved_ : pool_,
                                               slow_,
                                               stopping_.get_token(),
                                               {options_.largest_body, router_->large_bodies()}} {
    for (unsigned i = 0; i < std::max(1U, options_.io_threads); ++i) {
      loops_.push_back(std::make_unique<Loop>(listener_.share_fd(), context_, router_));
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
    // Drop work that has not begun; wait for work that runs, since it uses what our owner owns.
    pool_.stop();
    if (reserved_) reserved_->stop();
    pool_.join();
    if (reserved_) reserved_->join();
    slow_.stop();
    for (const auto& loop : loops_) loop->join();
  }

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  void replace(Router router) {
    router.continue_counts(*router_);
    auto next = std::make_shared<const Router>(std::move(router));
    constexpr Milliseconds patience(5'000);
    (void)on_each_loop([next](Loop& loop) { loop.use(next); }, patience);
    std::shared_ptr<const Router> before;
    {
      const std::lock_guard lock(mutex_);
      before = std::exchange(router_, std::move(next));
    }
    // Release what its handlers hold here, not on a thread that answers requests.
    SystemClock clock;
    (void)poll_until(clock, patience, Milliseconds(1), [&] { return before.use_count() <= 1; });
  }

  [[nodiscard]] ServerCounts counts() const {
    ServerCounts counts;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& route : router_->routes())
        counts.routes.push_back({route.method, route.pattern(), route.counts});
    }
    counts.routes.push_back({"any", "none", std::shared_ptr<const RouteCounts>(&context_.unmatched, [](auto*) {})});
    counts.connections = context_.open.load();
    counts.refused = context_.refused.load();
    return counts;
  }

  [[nodiscard]] bool responds(Milliseconds limit) {
    return on_each_loop([](Loop&) {}, limit);
  }

private:
  static std::unique_ptr<boost::asio::thread_pool> reserved_pool(const ServerOptions& options) {
    if (options.reserved_threads == 0) return nullptr;
    return std::make_unique<boost::asio::thread_pool>(options.reserved_threads);
  }

  /// Runs work on all loops; false if a loop has not run it within `limit`: it does so later.
  bool on_each_loop(const std::function<void(Loop&)>& work, Milliseconds limit) {
    const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(loops_.size()));
    for (const auto& loop : loops_) {
      if (started_) {
        loop->post([done, work, &loop = *loop] {
          work(loop);
          done->count_down();
        });
      } else {
        work(*loop);
        done->count_down();
      }
    }
    SystemClock clock;
    return poll_until(clock, limit, Milliseconds(1), [&] { return done->try_wait(); });
  }

  // Destroyed in reverse order: frames of coroutines that wait in the pool or in a loop use the members above.
  const ServerOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Router> router_;
  Listener listener_;
  std::stop_source stopping_;
  boost::asio::thread_pool pool_;
  std::unique_ptr<boost::asio::thread_pool> reserved_;
  ElasticPool slow_;
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
void Server::replace(Router router) { impl_->replace(std::move(router)); }
ServerCounts Server::counts() const { return impl_->counts(); }
bool Server::responds(Milliseconds limit) { return impl_->responds(limit); }

}  // namespace rescue::http
