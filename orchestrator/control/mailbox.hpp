// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hands the credentials to the one local caller that waits for them: what announces where nothing else delivers yet.

#include "orchestrator/ports/announcer.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

namespace rescue::control {

struct Delivery {
  domain::ConnectionData connection;
  Secret password;
};

class Mailbox final : public ports::Announcer {
public:
  /// Somebody will come for the next password. Without this the next `announce` ends at once.
  void expect(bool somebody);

  /// Takes the password, once. Waits for it, `limit` at most, when one is expected; none when there is none (any more).
  [[nodiscard]] std::optional<Delivery> collect(const std::string& who, Milliseconds limit);

  ports::Announced announce(const domain::ConnectionData& connection, const Secret& password, const std::string&,
                            Milliseconds limit, std::stop_token stop) override;

  /// Whether somebody has said that they collect the next password, and it was not collected yet.
  [[nodiscard]] bool expected() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool expected_ = false;
  std::optional<Delivery> waiting_;
  std::string taken_by_;
};

}  // namespace rescue::control
