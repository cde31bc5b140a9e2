// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl events: stored events, and new ones as they come.

#include "core/clock.hpp"
#include "core/http/client.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace rescue::netboot::cli {

struct EventOrder {
  std::string server;  ///< empty: all
  std::string kind;    ///< "task,session"; empty: all
  bool follow = false;
};

/// Parses text/event-stream as it comes, in pieces of any size.
class EventStreamParser {
public:
  struct Event {
    std::string id;
    std::string kind;
    std::string data;
  };
  /// Takes the next event; false: it is not complete yet.
  [[nodiscard]] bool next(Event& event);
  void put(std::string_view bytes) { pending_ += bytes; }
  /// Drops the rest of an event that was cut off.
  void forget_rest() { pending_.clear(); }
  /// Last id that was seen, also without an event; empty: none.
  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

private:
  std::string pending_;
  std::string last_id_;
};

class EventCommands {
public:
  EventCommands(http::Client& client, bool as_json, std::FILE* out, Clock& clock)
      : client_(client), json_(as_json), out_(out), clock_(clock) {}

  /// Prints a line per event, at once. With `follow` until interrupted, across restarts of netbootd.
  [[nodiscard]] std::string events(const EventOrder& order);

private:
  void read(const std::string& path);
  void print(const EventStreamParser::Event& event);

  http::Client& client_;
  bool json_;
  std::FILE* out_;
  Clock& clock_;
  EventStreamParser parser_;
};

}  // namespace rescue::netboot::cli
