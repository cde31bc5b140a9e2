// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Announces the credentials: to the local caller that waits, and, sealed to the requester's key, to the control plane.

#include "orchestrator/control/mailbox.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace rescue::control {

/// The sealed credentials that the control plane is to have; nobody on this host can open them.
struct SealedMail {
  std::uint64_t number = 0;
  std::string sealed;
  domain::ConnectionData connection;
};

/// The host agent's thread takes the mail out and posts it; the session's thread waits for it, for a while.
class Outbox final : public ports::Announcer {
public:
  explicit Outbox(Mailbox& mailbox) : mailbox_(mailbox) {}

  /// The host agent is there: `wake` is called when there is mail. Not to be called any more once it is empty again.
  void connect(std::function<void()> wake);

  ports::Announced announce(const domain::ConnectionData& connection, const Secret& password,
                            const std::string& public_key, Milliseconds limit, std::stop_token stop) override;

  /// What is still to be posted; newer mail has replaced older.
  [[nodiscard]] std::optional<SealedMail> pending() const;
  /// This mail has arrived. Returns true when nobody has waited for it any more.
  [[nodiscard]] bool delivered(std::uint64_t number);
  void failed(const std::string& problem);
  /// This mail is refused and would be again: nobody waits for it any more, and it is thrown away.
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
  std::string refusal_;  ///< of the mail of before; empty: it was not refused
  std::uint64_t number_ = 0;
  bool waited_for_ = false;
};

}  // namespace rescue::control
