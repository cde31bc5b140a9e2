// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The request for which this thread changes the database. Requests set it and the store reads it, so that no change can
// miss the audit log.

#include "core/clock.hpp"

#include <optional>
#include <string>
#include <utility>

namespace rescue::netboot {

/// A request in progress.
struct Acting {
  std::string request_id;
  std::string who;    ///< the token's name, "agent of web-01"; empty: unknown yet
  std::string role;   ///< in the API's words
  std::string token;  ///< "k-7"; empty: no API token
  std::string method;
  std::string route;   ///< its pattern: "/v1/servers/{name}"
  std::string server;  ///< named by the path; empty: none
  std::string peer;    ///< an address
  WallTime at{};
  std::string idempotency_key{};  ///< empty: none
};

/// During its life, changes in transactions of this thread are audited as made by `acting`.
class ActingScope {
public:
  explicit ActingScope(Acting acting);
  ~ActingScope();
  ActingScope(const ActingScope&) = delete;
  ActingScope& operator=(const ActingScope&) = delete;

  [[nodiscard]] const Acting& acting() const noexcept { return acting_; }
  /// Number of committed entries.
  [[nodiscard]] int recorded() const noexcept { return recorded_; }

  /// The scope of this thread; none outside of requests.
  [[nodiscard]] static ActingScope* current() noexcept;
  void count_entry() noexcept { ++recorded_; }

  /// Subject of a change other than a server, as JSON without secrets: the entry's state before and after.
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

/// The request's id; empty in tasks.
[[nodiscard]] std::string current_request_id();

}  // namespace rescue::netboot
