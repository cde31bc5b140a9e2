// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of the queue of deliveries as values. Inside a transaction only.

#include "netboot/domain/delivery.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Sets the record's id. False, and no row, if there is already one with the same `key`, which says what it is for.
[[nodiscard]] bool insert_delivery(soci::session& session, DeliveryRecord& record, const std::string& key);
[[nodiscard]] std::optional<DeliveryRecord> find_delivery(soci::session& session, long long id);
/// Throws `not_found`.
[[nodiscard]] DeliveryRecord require_delivery(soci::session& session, long long id);
[[nodiscard]] std::optional<DeliveryRecord> delivery_of_tag(soci::session& session, const std::string& tag);
/// Latest first: those before the number `before`.
[[nodiscard]] std::vector<DeliveryRecord> deliveries_of(soci::session& session, const std::string& server,
                                                        long long before, std::size_t limit);
/// Latest first.
[[nodiscard]] std::vector<DeliveryRecord> deliveries_of_session(soci::session& session, const std::string& id);
/// True if the record's session has ended, or its receiver has a later `access` for the session.
[[nodiscard]] bool is_superseded(soci::session& session, const DeliveryRecord& record);

/// A session whose access was delivered.
struct DeliveredSession {
  std::string session;
  std::string server;
  std::string address;  ///< of the mail; empty: none
  std::string language;
  WallTime ends{};  ///< of its lease
};
/// Sessions that have ended without a record that says so; only those with records since then.
[[nodiscard]] std::vector<DeliveredSession> ended_sessions(soci::session& session, WallTime since);
/// Sessions at work whose lease ends until then.
[[nodiscard]] std::vector<DeliveredSession> ending_sessions(soci::session& session, WallTime now, WallTime until);

/// The receiver's first that is due and that nobody makes an attempt of.
[[nodiscard]] std::optional<long long> due_delivery(soci::session& session, const std::string& receiver, WallTime now);
/// Waiting records that nobody makes an attempt of, and whose time is over.
[[nodiscard]] std::vector<DeliveryRecord> expired_deliveries(soci::session& session, WallTime now, std::size_t limit);
/// Claims it until then. False if another netbootd was faster.
[[nodiscard]] bool claim_delivery(soci::session& session, long long id, const std::string& by, WallTime now,
                                  WallTime until);
/// Writes the result of an attempt and ends the claim. False if it is no longer `record.claim` that has it.
[[nodiscard]] bool update_claimed_delivery(soci::session& session, const DeliveryRecord& record);
/// Writes state, result, box, end and time of the next attempt, whoever has a claim.
void update_delivery(soci::session& session, const DeliveryRecord& record);
/// Locks the row until the end of the transaction.
void lock_delivery(soci::session& session, long long id);
/// Makes all claims available at once.
void abandon_delivery_claims(soci::session& session);
void delete_deliveries_of(soci::session& session, const std::string& server);

}  // namespace rescue::netboot::rows
