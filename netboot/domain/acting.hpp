// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// For whom this thread changes the database: put up where requests come in and seen by the store, so that nobody who
// makes a change has to think of the audit log.

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <utility>

namespace rescue::netboot {

/// A request at work.
struct Acting {
  std::string request_id;
  std::string who;    ///< the token's name, "agent of web-01"; empty: not known yet
  std::string role;   ///< as the API has it
  std::string token;  ///< "k-7"; empty: no API token
  std::string method;
  std::string route;   ///< its pattern: "/v1/servers/{name}"
  std::string server;  ///< that the path names; empty: none
  std::string peer;    ///< an address
  WallTime at{};
  std::string idempotency_key{};  ///< empty: it came without one
};

/// While it lives, transactions of this thread that change something are written down as made by `acting`.
class ActingScope {
public:
  explicit ActingScope(Acting acting);
  ~ActingScope();
  ActingScope(const ActingScope&) = delete;
  ActingScope& operator=(const ActingScope&) = delete;

  [[nodiscard]] const Acting& acting() const noexcept { return acting_; }
  /// So many entries have been committed.
  [[nodiscard]] int recorded() const noexcept { return recorded_; }

  /// That of this thread; none outside of requests.
  [[nodiscard]] static ActingScope* current() noexcept;
  void count_entry() noexcept { ++recorded_; }

  /// What a change was about, as JSON without secrets, where it is no server: the entry has it as before and after.
  struct Subject {
    std::string before;
    std::string after;
  };
  void about(Subject subject) { subject_ = std::move(subject); }
  [[nodiscard]] std::optional<Subject> take_subject() { return std::exchange(subject_, std::nullopt); }

private:
  const Acting acting_;
  int recorded_ = 0;
  std::optional<Subject> subject_;
  ActingScope* const outer_;
};

/// The request's id where there is one; empty in tasks.
[[nodiscard]] std::string current_request_id();

}  // namespace rescue::netboot
