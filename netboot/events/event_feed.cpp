// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/events/event_feed.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/events/event_text.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

constexpr int page = 500;
constexpr std::size_t most_resumed = 1'000;  ///< events; beyond it the peer reads everything again, which is faster
constexpr Milliseconds look{2'000};          ///< polling interval, since a replica that died notifies nobody
constexpr Milliseconds gathering{50};        ///< events within it are sent together
constexpr Milliseconds prune_interval{60'000};
constexpr std::size_t least_pending = std::size_t{256} << 10U;

std::string position(long long newest) { return fmt::format("id: {}\n\n", newest); }

std::string reset_at(long long newest) {
  return stream_text({newest, SystemClock().wall(), "reset", "", "", reset_event_data()});
}

}  // namespace

bool EventFilter::wants(const Event& event) const {
  if (event.kind == "reset") return true;
  if (!kinds.empty() && !kinds.contains(event.kind)) return false;
  if (!server.empty() && event.server != server) return false;
  return !may_see || may_see(event.server);
}

EventFeed::EventFeed(Store& store, EventLimits events, FeedLimits limits)
    : events_(store, events), limits_(limits), subscription_(store.changes().subscribe([this](const Change&) {
        {
          const std::lock_guard lock(news_mutex_);
          has_news_ = true;
        }
        woken_.notify_all();
      })),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

EventFeed::~EventFeed() { stop(); }

void EventFeed::stop() {
  subscription_ = {};
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& listener : listeners_) listener.stream->end();
  listeners_.clear();
}

std::size_t EventFeed::streams() const {
  const std::lock_guard lock(mutex_);
  return listeners_.size();
}

EventFeed::Backlog EventFeed::backlog(const EventFilter& filter, std::optional<long long> after) {
  const auto bounds = events_.bounds();
  if (!after) return {position(bounds.newest), bounds.newest};
  const auto kept = bounds.newest - static_cast<long long>(most_resumed);
  const auto from = *after == 0 ? std::max(bounds.first - 1, kept) : *after;
  if (from < bounds.first - 1 || from > bounds.newest) return {reset_at(bounds.newest), bounds.newest};
  Backlog backlog{{}, from};
  std::size_t count = 0;
  for (auto events = events_.after(from, page); !events.empty(); events = events_.after(backlog.newest, page)) {
    for (const auto& event : events) {
      backlog.newest = event.id;
      if (!filter.wants(event)) continue;
      if (++count > most_resumed) return {reset_at(bounds.newest), bounds.newest};
      backlog.text += stream_text(event);
    }
  }
  backlog.text += position(backlog.newest);
  return backlog;
}

std::string EventFeed::kept(const EventFilter& filter, std::optional<long long> after) {
  events_.record();
  return backlog(filter, after).text;
}

std::shared_ptr<http::Stream> EventFeed::open(EventFilter filter, std::optional<long long> after) {
  auto found = backlog(filter, after);
  auto stream = std::make_shared<http::Stream>(std::max(least_pending, 2 * found.text.size()));
  (void)stream->write("retry: 2000\n\n" + found.text);
  const std::lock_guard lock(mutex_);
  if (stopped_) throw Error(ErrorCode::unavailable, "netbootd is being stopped", "Retry.");
  if (listeners_.size() >= limits_.streams) {
    throw Error(ErrorCode::unavailable, fmt::format("{} streams of events are open already", listeners_.size()),
                "Close some, or retry later.");
  }
  // Other listeners are ahead: rare, and the peer reconnects at once for the rest.
  if (sent_ && *sent_ > found.newest) {
    stream->end();
    return stream;
  }
  // Spreads the reconnections of peers.
  const auto life = limits_.life - limits_.life / 256 * static_cast<int>(listeners_.size() % 64);
  listeners_.push_back({stream, std::move(filter), std::chrono::steady_clock::now() + life, found.newest});
  return stream;
}

void EventFeed::run(const std::stop_token& stop) {
  auto heartbeat = std::chrono::steady_clock::now() + limits_.heartbeat;
  auto pruning = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    try {
      work(heartbeat, pruning);
    } catch (const std::exception& error) {
      log::warning("events are delayed: {}", report_of(error).one_line());
    }
    wait(stop, std::min(heartbeat, std::chrono::steady_clock::now() + look));
  }
}

void EventFeed::work(SteadyTime& heartbeat, SteadyTime& pruning) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= heartbeat) {
    heartbeat = now + limits_.heartbeat;
    send_heartbeat();
  }
  events_.announce_lease_ends();
  send_news();
  if (now >= pruning) {
    pruning = now + prune_interval;
    events_.prune();
  }
}

void EventFeed::wait(const std::stop_token& stop, SteadyTime until) {
  std::unique_lock lock(news_mutex_);
  (void)woken_.wait_until(lock, stop, until, [this] { return has_news_; });
  // Collects events for a moment, to send them together.
  if (has_news_) (void)woken_.wait_for(lock, stop, gathering, [] { return false; });
  has_news_ = false;
}

void EventFeed::send_news() {
  std::optional<long long> sent;
  {
    const std::lock_guard lock(mutex_);
    sent = sent_;
  }
  if (!sent) {
    sent = events_.bounds().newest;
    const std::lock_guard lock(mutex_);
    sent_ = sent;
  }
  events_.record();
  for (auto events = events_.after(*sent, page); !events.empty(); events = events_.after(*sent, page)) {
    deliver(events);
    sent = events.back().id;
  }
}

void EventFeed::deliver(const std::vector<Event>& events) {
  std::vector<std::string> texts;
  texts.reserve(events.size());
  for (const auto& event : events) texts.push_back(stream_text(event));
  const std::lock_guard lock(mutex_);
  sent_ = events.back().id;
  for (auto listener = listeners_.begin(); listener != listeners_.end();) {
    std::string text;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].id > listener->sent && listener->filter.wants(events[i])) text += texts[i];
    }
    listener->sent = std::max(listener->sent, events.back().id);
    const bool open = text.empty() || listener->stream->write(text);
    listener = open ? std::next(listener) : listeners_.erase(listener);
  }
}

/// Its id is the newest event's, even a filtered one: a later resume starts there.
void EventFeed::send_heartbeat() {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  for (auto listener = listeners_.begin(); listener != listeners_.end();) {
    const bool open = listener->stream->write(fmt::format(": alive\nid: {}\n\n", listener->sent));
    if (open && now >= listener->until) listener->stream->end();
    listener = open && now < listener->until ? std::next(listener) : listeners_.erase(listener);
  }
}

}  // namespace rescue::netboot
