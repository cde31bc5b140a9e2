// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Delivers the credentials: to a local caller that waits, and, sealed to the requester's key, to the control plane.

#include "orchestrator/control/mailbox.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace rescue::control {

/// Sealed credentials for the control plane; they can't be opened on this host.
struct SealedMail {
  std::uint64_t number = 0;
  std::string sealed;
  domain::ConnectionData connection;
};

/// The host agent's thread posts the mail; the session's thread waits for that, for a limited time.
class Outbox final : public ports::Announcer {
public:
  explicit Outbox(Mailbox& mailbox) : mailbox_(mailbox) {}

  /// Connects the host agent: `wake` is called when there is mail. An empty `wake` disconnects it.
  void connect(std::function<void()> wake);

  ports::Announced announce(const domain::ConnectionData& connection, const Secret& password,
                            const std::string& public_key, Milliseconds limit, std::stop_token stop) override;

  /// The mail that is still to be posted; newer mail replaces older.
  [[nodiscard]] std::optional<SealedMail> pending() const;
  /// Marks this mail as delivered. Returns true if `announce` no longer waits for it.
  [[nodiscard]] bool delivered(std::uint64_t number);
  void failed(const std::string& problem);
  /// Marks this mail as refused for good: discards it and ends the wait.
  void refused(std::uint64_t number, const std::string& problem);

private:
  [[nodiscard]] ports::Announced post(const domain::ConnectionData& connection, std::string sealed, Milliseconds limit,
                                      const std::stop_token& stop);

  Mailbox& mailbox_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void()> wake_;
  std::optional<SealedMail> mail_;
  std::string problem_;
  std::string refusal_;  ///< refusal of the last mail; empty: it was not refused
  std::uint64_t number_ = 0;
  bool waited_for_ = false;
};

}  // namespace rescue::control
