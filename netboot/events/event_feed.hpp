// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends events to everybody who listens. One thread for all streams: thousands of them cost memory, and nothing else.

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
  std::function<bool(const std::string&)> may_see{};   ///< servers; none: all
  [[nodiscard]] bool wants(const Event& event) const;  ///< a reset always
};

struct FeedLimits {
  std::size_t streams = 8'192;
  Milliseconds heartbeat{10'000};  ///< so often a stream says that it is alive
  Milliseconds life{600'000};      ///< then its peer comes again, with a token that is looked at again
};

/// Thread-safe.
class EventFeed {
public:
  /// `store` outlives this. Goes on while the database is away, and catches up.
  explicit EventFeed(Store& store, EventLimits events = {}, FeedLimits limits = {});
  /// Ends all streams.
  ~EventFeed();
  EventFeed(const EventFeed&) = delete;
  EventFeed& operator=(const EventFeed&) = delete;

  /// What follows the event `after` (none: the newest; 0: whatever is kept), and from then on what comes. An `after`
  /// that can't be gone on from gives the event `reset`. Throws `unavailable`: too many streams, or stopping.
  [[nodiscard]] std::shared_ptr<http::Stream> open(EventFilter filter, std::optional<long long> after);
  /// As above, without what comes.
  [[nodiscard]] std::string kept(const EventFilter& filter, std::optional<long long> after);

  /// Ends all streams; no more are opened.
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
  std::optional<long long> sent_;  ///< the newest event that listeners have had; none: not known yet
  bool stopped_ = false;

  Changes::Subscription subscription_;
  std::jthread thread_;
};

}  // namespace rescue::netboot
