// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The queue of messages about rescues: mails to customers, webhooks and files for the provider's programs. Any netbootd
// on the database works it off.

#include "core/secret.hpp"
#include "credentials/connection_files.hpp"
#include "netboot/bmc/key_file.hpp"
#include "netboot/domain/delivery.hpp"
#include "netboot/service/delivery_facts.hpp"
#include "netboot/store/store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

/// Receiver of a customer's mails, as the request of the rescue named it.
struct NotifyAddress {
  std::string address{};   ///< empty: no mail
  std::string language{};  ///< "de", "pt-BR"; empty: the configuration's
};

/// A one-time link to deliver.
struct AccessDelivery {
  ServerName server;
  std::string session{};  ///< "s-..."; may be empty
  NotifyAddress notify{};
  DeliveryFacts facts{};  ///< with the link; with the code for contract::CodePolicy::webhook only
};

/// A notice about a session, without secrets.
struct Notice {
  ServerName server;
  std::string session{};
  NotifyAddress notify{};
  std::optional<WallTime> ends{};  ///< of the lease
};

/// Result of one attempt.
struct DeliveryAttempt {
  enum class Outcome { done, retry, refused };
  Outcome outcome = Outcome::retry;
  std::string text{};  ///< one printable line for operators, without secrets
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Deliveries {
public:
  /// `store` outlives this. `key_file` seals what the deliveries say.
  Deliveries(Store& store, const std::string& key_file, DeliveryRules rules);

  /// Puts a record for each receiver into the queue; none for a mail without an address. With the same link again it
  /// does nothing. Returns the new ones. Throws `not_found` for the server, `precondition` for a link or a code that no
  /// receiver gets, and what KeyFile throws; then nothing is queued.
  std::vector<DeliveryRecord> enqueue(const AccessDelivery& delivery);
  /// Announces the end of a lease; does nothing for a session and an end that it has announced.
  std::vector<DeliveryRecord> notify_end_soon(const Notice& notice);
  /// Announces that a session has ended; does nothing the second time.
  std::vector<DeliveryRecord> notify_ended(const Notice& notice);

  /// Announces ends to those who were told how to log in: of leases that end within `warn_before` (0: of none), and of
  /// sessions that have ended. Each once, whoever calls it. Returns the number of new records.
  std::size_t announce_ends(Milliseconds warn_before);

  /// Latest first: those before the number `before`, `limit` at most. Throws `not_found` for the server.
  [[nodiscard]] std::vector<DeliveryRecord> of_server(const ServerName& server, long long before, std::size_t limit);
  /// Latest first, a hundred at most.
  [[nodiscard]] std::vector<DeliveryRecord> of_session(const std::string& session);
  /// Throws `not_found`.
  [[nodiscard]] DeliveryRecord find(long long id);
  /// The record whose mails have this return path. Throws `not_found`.
  [[nodiscard]] DeliveryRecord of_return_path(const std::string& address);
  /// Makes the next attempt due now. Throws `not_found`, `conflict` for one that is over: its text is wiped.
  DeliveryRecord resend(long long id);
  /// Marks a mail that was sent as bounced, for `reason`. No-op the second time. Throws `not_found`, and `conflict` for
  /// one that was not sent or is no mail.
  DeliveryRecord bounce(long long id, const std::string& reason);

  /// Claims the receiver's first record that is due, for `lasts`, and counts the attempt. With several netbootds on one
  /// database one of them gets it. None: nothing is due.
  [[nodiscard]] std::optional<DeliveryRecord> claim(const std::string& receiver, Milliseconds lasts);
  /// Fails waiting records whose time is over, and wipes them: also those of receivers that are no longer configured.
  /// Returns their number.
  std::size_t fail_expired();
  /// Content of a claimed record. Throws `precondition` if the key file does not open it.
  [[nodiscard]] DeliveryFacts open(const DeliveryRecord& record) const;
  /// True for an `access` whose session has ended, or whose receiver has a later one for the session.
  [[nodiscard]] bool is_superseded(const DeliveryRecord& record);
  /// Writes the result of the attempt for which the record was claimed. Wipes what it says if that is the last one.
  /// False, and nothing, if the claim has run out and another netbootd has it.
  bool attempted(DeliveryRecord record, const DeliveryAttempt& attempt);
  /// Releases the claims of an earlier netbootd at once. Only on SQLite, where there is no other.
  void abandon_all();

private:
  struct Draft;
  std::vector<DeliveryRecord> put(const ServerName& server, std::vector<Draft>& drafts);
  [[nodiscard]] Draft draft(const DeliveryReceiver& receiver, DeliveryRecord record, const DeliveryFacts& facts,
                            const std::string& key) const;
  std::vector<DeliveryRecord> notify(const Notice& notice, DeliveryKind kind, const std::string& key);

  Store& store_;
  const KeyFile keys_;
  const DeliveryRules rules_;
};

}  // namespace rescue::netboot
