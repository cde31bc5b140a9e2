// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Delivers the credentials: to a local caller that waits, sealed to the requester's key, and by a one-time link, both
// of which the control plane gets.

#include "orchestrator/control/mailbox.hpp"
#include "orchestrator/ports/agent_channel.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rescue::control {

/// Something for the control plane: sealed credentials, which can't be opened on this host, or a one-time link.
struct Mail {
  std::uint64_t number = 0;
  std::string what;  ///< "the sealed credentials", for the log
  std::string to;    ///< its receiver, for people
  std::string sealed{};
  domain::ConnectionData connection{};
  std::optional<ports::OneTimeLink> link{};  ///< in place of `sealed`
};

/// The host agent's thread posts the mail; the session's thread waits for that, for a limited time.
class Outbox final : public ports::Announcer {
public:
  explicit Outbox(Mailbox& mailbox, const Clock& clock) : mailbox_(mailbox), clock_(clock) {}

  /// Connects the host agent: `wake` is called when there is mail. An empty `wake` disconnects it.
  void connect(std::function<void()> wake);

  /// Makes the mail on the caller's thread, which takes 0.4 s and 64 MiB for a link with a code.
  ports::Announced announce(const domain::ConnectionData& connection, const Secret& password,
                            const ports::Recipients& recipients, Milliseconds limit, std::stop_token stop) override;

  /// The mail that is still to be posted; that of a newer announcement replaces older.
  [[nodiscard]] std::vector<std::shared_ptr<const Mail>> pending() const;
  /// Marks this mail as delivered. Returns the outcome of the whole announcement if `announce` no longer waits for it.
  [[nodiscard]] std::optional<ports::Announced> delivered(std::uint64_t number);
  void failed(const std::string& problem);
  /// Marks this mail as refused for good: it is not posted again.
  void refused(std::uint64_t number, const std::string& problem);

private:
  struct Post {
    std::shared_ptr<const Mail> mail;  ///< none: it is delivered or refused
    std::uint64_t number = 0;
    std::string to;
    std::string refusal{};  ///< empty: it was not refused
  };
  /// Adds to `problem` why something could not be made.
  [[nodiscard]] std::vector<Mail> mail_for(const domain::ConnectionData& connection, const Secret& password,
                                           const ports::Recipients& recipients, std::string& problem) const;
  [[nodiscard]] ports::Announced post(std::vector<Mail> mail, Milliseconds limit, const std::stop_token& stop);
  [[nodiscard]] bool is_waiting() const;
  [[nodiscard]] ports::Announced outcome() const;
  [[nodiscard]] Post* find(std::uint64_t number);

  Mailbox& mailbox_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::function<void()> wake_;
  std::vector<Post> posts_;  ///< of the latest announcement
  std::string problem_;
  std::uint64_t number_ = 0;
  bool waited_for_ = false;
};

}  // namespace rescue::control
