// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Thread of the server with the connections that it has accepted. Several share the listening socket.

#include "core/http/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace rescue::http {

class Loop {
public:
  /// Takes ownership of the listening socket. `context` outlives this.
  Loop(FileDescriptor listening, ConnectionContext& context, std::shared_ptr<const Router> router);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void start();
  /// Stops accepting; idle connections end at once, busy ones after their answer.
  void drain();
  /// Waits for connections to end; false if some are left after `limit`.
  bool wait_until_drained(SteadyTime limit);
  /// Closes the connections that are left, even busy ones.
  void close_all();
  /// Runs `work` on this loop's thread.
  void post(std::function<void()> work);
  /// Call on this loop's thread, or before it starts.
  void use(std::shared_ptr<const Router> router) { router_ = std::move(router); }
  /// Ends the thread. Call it only when no handler runs any more.
  void join();

private:
  boost::asio::awaitable<void> accept_all();
  boost::asio::awaitable<void> look_at_deadlines();
  boost::asio::awaitable<void> wait(Milliseconds limit);
  /// Accepts; true if there may be more.
  bool accept_one();
  void serve(int fd, const sockaddr_storage& address);
  /// Counts the connection; false if the peer is at its limit.
  [[nodiscard]] bool has_place_for(const Peer& peer);
  void make_room();
  void announce_when_empty();

  // Destroyed in reverse order: frames of coroutines that wait in io_ use the members above.
  ConnectionContext& context_;
  std::shared_ptr<const Router> router_;
  std::unordered_set<Connection*> connections_;
  std::mutex mutex_;
  std::condition_variable emptied_;
  bool drained_ = false;
  bool out_of_descriptors_ = false;
  SteadyTime next_word_of_refused_{};
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  boost::asio::posix::stream_descriptor acceptor_;
  boost::asio::steady_timer vacancy_;
  std::thread thread_;
};

}  // namespace rescue::http
