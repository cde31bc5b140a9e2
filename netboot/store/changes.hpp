// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Notifications of changes, instead of repeated database queries.

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rescue::netboot {

/// Names what has changed, without details: subscribers read what they need.
struct Change {
  enum class Kind {
    server,    ///< added, removed, edited; its lease granted, ended, or a boot counted
    task,      ///< begun, advanced, ended
    session,   ///< begun, ended, or its host agent reports something new
    secret,    ///< a one-time link: made, opened, refused, revealed, revoked
    delivery,  ///< a message to a receiver: made, sent, failed, bounced
    lease,     ///< of a server: it ends soon
    all        ///< notifications may have been lost: read everything again
  };
  Kind kind = Kind::all;
  std::string id{};      ///< in the API's spelling: "web-01", "t-7", "s-...", "o-7", "d-7"; empty for `all`
  std::string server{};  ///< the server that it belongs to; empty for `all`

  bool operator==(const Change&) const = default;
};

/// The changes of one transaction. Subscribers are notified after the commit, or never.
class ChangeSet {
public:
  void server(const std::string& name) { add({Change::Kind::server, name, name}); }
  void new_server(const std::string& name) {
    server(name);
    news_.back().is_new = true;
  }
  void task(long long id, const std::string& server) { add({Change::Kind::task, "t-" + std::to_string(id), server}); }
  void session(const std::string& id, const std::string& server) { add({Change::Kind::session, id, server}); }
  void lease_ends_soon(const std::string& name) { add({Change::Kind::lease, name, name}); }
  void secret(long long id, const std::string& server) {
    add({Change::Kind::secret, "o-" + std::to_string(id), server});
  }
  void delivery(long long id, const std::string& server) {
    add({Change::Kind::delivery, "d-" + std::to_string(id), server});
  }
  [[nodiscard]] const std::vector<Change>& all() const noexcept { return changes_; }

  /// Source of events.
  struct News {
    Change change;
    bool is_new = false;
  };
  [[nodiscard]] const std::vector<News>& news() const noexcept { return news_; }

private:
  void add(const Change& change) {
    changes_.push_back(change);
    news_.push_back({change});
  }

  std::vector<Change> changes_;
  std::vector<News> news_;
};

/// Thread-safe.
class Changes {
  using Sink = std::function<void(const Change&)>;
  struct Sinks {
    std::mutex mutex;
    std::list<Sink> list;
  };

public:
  /// Ends in the destructor: once that has returned, the sink is not called and not running.
  class Subscription {
  public:
    Subscription() = default;
    ~Subscription() { end(); }
    Subscription(Subscription&& other) noexcept : sinks_(std::move(other.sinks_)), place_(other.place_) {}
    Subscription& operator=(Subscription&& other) noexcept {
      end();
      sinks_ = std::move(other.sinks_);
      place_ = other.place_;
      return *this;
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

  private:
    friend class Changes;
    Subscription(std::shared_ptr<Sinks> sinks, std::list<Sink>::iterator place)
        : sinks_(std::move(sinks)), place_(place) {}
    void end() noexcept;

    std::shared_ptr<Sinks> sinks_;
    std::list<Sink>::iterator place_{};
  };

  /// Calls `sink` with each change from now on, in the thread that made it: it must not block, throw, subscribe, or end
  /// a subscription. Two concurrent changes may come in either order.
  [[nodiscard]] Subscription subscribe(Sink sink);
  void tell(const Change& change);

private:
  std::shared_ptr<Sinks> sinks_ = std::make_shared<Sinks>();
};

}  // namespace rescue::netboot
