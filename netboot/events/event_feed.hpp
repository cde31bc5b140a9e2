// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends events to all listeners. One thread for all streams: thousands of them cost only memory.

#include "core/http/stream.hpp"
#include "netboot/events/events.hpp"

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace rescue::netboot {

struct EventFilter {
  std::set<std::string> kinds{};                       ///< none: all
  std::string server{};                                ///< empty: all
  std::function<bool(const std::string&)> may_see{};   ///< servers visible to the listener; none: all
  [[nodiscard]] bool wants(const Event& event) const;  ///< always true for a reset
};

struct FeedLimits {
  std::size_t streams = 8'192;
  Milliseconds heartbeat{10'000};  ///< interval of heartbeats on a stream
  Milliseconds life{600'000};      ///< limit of a stream: its peer then reconnects, and its token is checked again
};

/// Thread-safe.
class EventFeed {
public:
  /// `store` outlives this. Keeps running while the database is away, and catches up.
  explicit EventFeed(Store& store, EventLimits events = {}, FeedLimits limits = {});
  /// Ends all streams.
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// Streams the events after `after` (none: only new ones; 0: all kept), and then new ones. Sends the event `reset` if
  /// it can't resume from `after`. Throws `unavailable`: too many streams, or stopping.
  [[nodiscard]] std::shared_ptr<http::Stream> open(EventFilter filter, std::optional<long long> after);
  /// Like `open`, without new events.
  [[nodiscard]] std::string kept(const EventFilter& filter, std::optional<long long> after);

  /// Ends all streams and opens no more.
  void stop();
  [[nodiscard]] std::size_t streams() const;

private:
  struct Listener {
    std::shared_ptr<http::Stream> stream;
    EventFilter filter;
    SteadyTime until{};
    long long sent = 0;
  };
  struct Backlog {
    std::string text;
    long long newest = 0;
  };

  [[nodiscard]] Backlog backlog(const EventFilter& filter, std::optional<long long> after);
  void run(const std::stop_token& stop);
  void work(SteadyTime& heartbeat, SteadyTime& pruning);
  void wait(const std::stop_token& stop, SteadyTime until);
  void send_news();
  void deliver(const std::vector<Event>& events);
  void send_heartbeat();

  Events events_;
  const FeedLimits limits_;

  std::mutex news_mutex_;
  std::condition_variable_any woken_;
  bool has_news_ = true;

  mutable std::mutex mutex_;
  std::list<Listener> listeners_;
  std::optional<long long> sent_;  ///< the newest event that listeners got; none: unknown yet
  bool stopped_ = false;

  Changes::Subscription subscription_;
  std::jthread thread_;
};

}  // namespace rescue::netboot
