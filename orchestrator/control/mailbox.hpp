// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hands the credentials to the one local caller that waits for them. Without a control plane this is the only delivery.

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
  /// Announces that somebody will collect the next password. Without it the next `announce` returns at once.
  void expect(bool somebody);

  /// Takes the password, once. Waits `limit` at most if one is expected. Returns none without a password.
  [[nodiscard]] std::optional<Delivery> collect(const std::string& who, Milliseconds limit);

  ports::Announced announce(const domain::ConnectionData& connection, const Secret& password, const ports::Recipients&,
                            Milliseconds limit, std::stop_token stop) override;

  /// Whether the next password is still to be collected.
  [[nodiscard]] bool expected() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool expected_ = false;
  std::optional<Delivery> waiting_;
  std::string taken_by_;
};

}  // namespace rescue::control
