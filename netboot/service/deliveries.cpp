// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/deliveries.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/delivery_rows.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr std::size_t longest_result = 300;  ///< bytes of a result

json delivery_audit_json(const DeliveryRecord& record) {
  return {{"delivery", fmt::format("d-{}", record.id)},
          {"receiver", record.receiver},
          {"state", name_of(record.state)},
          {"result", record.result}};
}

void remember_delivery(const json& before, const DeliveryRecord& record) {
  if (auto* const scope = ActingScope::current()) scope->about({before.dump(), delivery_audit_json(record).dump()});
}

std::string fresh_tag() {
  constexpr std::size_t digits = 16;
  return hash_of(fresh_token().reveal()).substr(0, digits);
}

/// A copy for one receiver, with the secrets that it may have.
DeliveryFacts facts_for(const DeliveryReceiver& receiver, const DeliveryFacts& all) {
  DeliveryFacts facts;
  facts.connection = all.connection;
  facts.link_expires = all.link_expires;
  facts.ends = all.ends;
  facts.code_policy = all.code_policy;
  const bool is_webhook = receiver.kind == ReceiverKind::webhook;
  if (receiver.kind == ReceiverKind::mail || (is_webhook && receiver.link)) facts.link = all.link.clone();
  if (is_webhook && receiver.code && all.code_policy == contract::CodePolicy::webhook) facts.code = all.code.clone();
  return facts;
}

void require_taker_of_code(const DeliveryRules& rules, const DeliveryFacts& facts) {
  if (facts.code_policy != contract::CodePolicy::webhook) return;
  const bool is_taken = std::any_of(rules.receivers.begin(), rules.receivers.end(), [](const auto& receiver) {
    return receiver.kind == ReceiverKind::webhook && receiver.code;
  });
  if (is_taken) return;
  throw Error(ErrorCode::precondition, "no receiver gets the code of the link: it would reach nobody",
              "Set code: true for a webhook of delivery.receivers, or use another code policy.");
}

void require_taker_of_link(const DeliveryRules& rules, const DeliveryRecord& record) {
  const bool is_taken = std::any_of(rules.receivers.begin(), rules.receivers.end(), [&](const auto& receiver) {
    return (receiver.kind == ReceiverKind::mail && !record.address.empty()) || receiver.link;
  });
  if (is_taken) return;
  throw Error(ErrorCode::precondition,
              fmt::format("no receiver gets the link for {}: it would reach nobody", record.server.text()),
              "Name an address in the request (notify), or set link: true for a webhook of delivery.receivers.");
}

void finish_delivery(DeliveryRecord& record, DeliveryState state, WallTime now) {
  record.state = state;
  record.ended = now;
  record.box.clear();
}

}  // namespace

/// A sealed record before it has a row.
struct Deliveries::Draft {
  DeliveryRecord record;
  std::string key;  ///< what it is for: it is queued once
};

Deliveries::Deliveries(Store& store, const std::string& key_file, DeliveryRules rules)
    : store_(store), keys_(key_file, {"the text of this delivery", "issue the secret again"}),
      rules_(std::move(rules)) {}

Deliveries::Draft Deliveries::draft(const DeliveryReceiver& receiver, DeliveryRecord record, const DeliveryFacts& facts,
                                    const std::string& key) const {
  record.receiver = receiver.name;
  record.receiver_kind = receiver.kind;
  if (receiver.kind != ReceiverKind::mail) record.address.clear();
  record.tag = fresh_tag();
  record.box = keys_.seal(box_text(facts_for(receiver, facts), record.tag));
  return {std::move(record), key + ":" + receiver.name};
}

std::vector<DeliveryRecord> Deliveries::put(const ServerName& server, std::vector<Draft>& drafts) {
  if (drafts.empty()) return {};
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    (void)rows::require_server(session, server);
    std::vector<DeliveryRecord> put;
    for (auto& draft : drafts) {
      if (!rows::insert_delivery(session, draft.record, draft.key)) continue;
      changed.delivery(draft.record.id, server.text());
      put.push_back(draft.record);
    }
    return put;
  });
}

std::vector<DeliveryRecord> Deliveries::enqueue(const AccessDelivery& delivery) {
  require_taker_of_code(rules_, delivery.facts);
  const auto now = store_.now();
  DeliveryRecord record{0, delivery.server, delivery.session, DeliveryKind::access};
  record.address = delivery.notify.address;
  record.language = delivery.notify.language;
  record.created = record.due = now;
  record.expires = std::min(now + rules_.retry.age, delivery.facts.link_expires);
  const auto key = fmt::format("access:{}", hash_of(delivery.facts.link.reveal()));
  std::vector<Draft> drafts;
  for (const auto& receiver : rules_.receivers) {
    if (receiver.kind == ReceiverKind::mail && record.address.empty()) continue;
    drafts.push_back(draft(receiver, record, delivery.facts, key));
  }
  if (!delivery.facts.link.empty()) require_taker_of_link(rules_, record);
  return put(delivery.server, drafts);
}

std::vector<DeliveryRecord> Deliveries::notify(const Notice& notice, DeliveryKind kind, const std::string& key) {
  const auto now = store_.now();
  DeliveryRecord record{0, notice.server, notice.session, kind};
  record.address = notice.notify.address;
  record.language = notice.notify.language;
  record.created = record.due = now;
  record.expires = now + rules_.retry.age;
  // A warning is of use until then. `ending_sessions` knows by this that the end is announced.
  if (kind == DeliveryKind::ends_soon && notice.ends) record.expires = *notice.ends;
  DeliveryFacts facts;
  facts.connection.server = notice.server.text();
  facts.connection.session = notice.session;
  facts.ends = notice.ends;
  std::vector<Draft> drafts;
  for (const auto& receiver : rules_.receivers) {
    // A helpdesk's folder has files to connect with: they go when the session ends.
    if (receiver.kind == ReceiverKind::drop_folder && kind != DeliveryKind::ended) continue;
    if (receiver.kind == ReceiverKind::mail && record.address.empty()) continue;
    drafts.push_back(draft(receiver, record, facts, key));
  }
  return put(notice.server, drafts);
}

std::vector<DeliveryRecord> Deliveries::notify_end_soon(const Notice& notice) {
  const auto end = to_column(notice.ends.value_or(WallTime{}));
  return notify(notice, DeliveryKind::ends_soon, fmt::format("ends-soon:{}:{}", notice.session, end));
}

std::vector<DeliveryRecord> Deliveries::notify_ended(const Notice& notice) {
  return notify(notice, DeliveryKind::ended, fmt::format("ended:{}", notice.session));
}

std::size_t Deliveries::announce_ends(Milliseconds warn_before) {
  constexpr auto longest_ago = std::chrono::hours(48);  // longer than a lease: an older end is no news
  const auto now = store_.now();
  const auto [ending, ended] = store_.database().read([&](soci::session& session) {
    return std::pair(rows::ending_sessions(session, now, now + warn_before),
                     rows::ended_sessions(session, now - longest_ago));
  });
  const auto notice_of = [](const rows::DeliveredSession& one) {
    return Notice{ServerName::parse(one.server), one.session, {one.address, one.language}, one.ends};
  };
  std::size_t made = 0;
  for (const auto& one : ending) made += notify_end_soon(notice_of(one)).size();
  for (const auto& one : ended) made += notify_ended(notice_of(one)).size();
  return made;
}

std::vector<DeliveryRecord> Deliveries::of_server(const ServerName& server, long long before, std::size_t limit) {
  return store_.database().read([&](soci::session& session) {
    (void)rows::require_server(session, server);
    return rows::deliveries_of(session, server.text(), before, limit);
  });
}

std::vector<DeliveryRecord> Deliveries::of_session(const std::string& id) {
  return store_.database().read([&](soci::session& session) { return rows::deliveries_of_session(session, id); });
}

DeliveryRecord Deliveries::find(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::require_delivery(session, id); });
}

DeliveryRecord Deliveries::of_return_path(const std::string& address) {
  const auto tag = tag_in(address);
  auto found =
      tag.empty() ? std::nullopt
                  : store_.database().read([&](soci::session& session) { return rows::delivery_of_tag(session, tag); });
  if (found) return *std::move(found);
  throw Error(ErrorCode::not_found, "no delivery has this return path",
              "Send the address to which the bounce came: that is where {id} of return_path is.");
}

DeliveryRecord Deliveries::resend(long long id) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_delivery(session, id);
    auto record = rows::require_delivery(session, id);
    if (record.state != DeliveryState::waiting) {
      throw Error(ErrorCode::conflict,
                  fmt::format("d-{} is over: its state is {}, and its text is wiped", id, name_of(record.state)),
                  "Issue the credentials again: that makes a new link and delivers it.");
    }
    const auto before = delivery_audit_json(record);
    record.due = store_.now();
    rows::update_delivery(session, record);
    remember_delivery(before, record);
    changed.delivery(id, record.server.text());
    return record;
  });
}

DeliveryRecord Deliveries::bounce(long long id, const std::string& reason) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_delivery(session, id);
    auto record = rows::require_delivery(session, id);
    if (record.state == DeliveryState::bounced) return record;
    if (record.receiver_kind != ReceiverKind::mail || record.state != DeliveryState::sent) {
      throw Error(ErrorCode::conflict, fmt::format("d-{} is not a mail that was sent", id),
                  fmt::format("Look at it: netbootctl delivery show d-{}", id));
    }
    const auto before = delivery_audit_json(record);
    record.state = DeliveryState::bounced;
    record.result = printable(reason, longest_result);
    rows::update_delivery(session, record);
    remember_delivery(before, record);
    changed.delivery(id, record.server.text());
    return record;
  });
}

std::optional<DeliveryRecord> Deliveries::claim(const std::string& receiver, Milliseconds lasts) {
  auto& database = store_.database();
  // Mostly nothing is due, and a query alone needs no writer's lock.
  const auto due =
      database.read([&](soci::session& session) { return rows::due_delivery(session, receiver, store_.now()); });
  if (!due) return std::nullopt;
  return database.write([&](soci::session& session) -> std::optional<DeliveryRecord> {
    const auto now = store_.now();
    const auto id = rows::due_delivery(session, receiver, now);
    if (!id || !rows::claim_delivery(session, *id, database.replica(), now, now + lasts)) return std::nullopt;
    return rows::require_delivery(session, *id);
  });
}

std::size_t Deliveries::fail_expired() {
  constexpr std::size_t most = 100;
  const auto find = [this](soci::session& session) { return rows::expired_deliveries(session, store_.now(), most); };
  if (store_.database().read(find).empty()) return 0;
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto expired = find(session);
    for (auto record : expired) {
      rows::lock_delivery(session, record.id);
      if (record.result.empty()) record.result = "its time was over before an attempt was made";
      finish_delivery(record, DeliveryState::failed, store_.now());
      rows::update_delivery(session, record);
      changed.delivery(record.id, record.server.text());
    }
    return expired.size();
  });
}

DeliveryFacts Deliveries::open(const DeliveryRecord& record) const {
  return facts_in(keys_.open(record.box), record.tag);
}

bool Deliveries::is_superseded(const DeliveryRecord& record) {
  if (record.kind != DeliveryKind::access || record.session.empty()) return false;
  return store_.database().read([&](soci::session& session) { return rows::is_superseded(session, record); });
}

bool Deliveries::attempted(DeliveryRecord record, const DeliveryAttempt& attempt) {
  const auto now = store_.now();
  record.result = printable(attempt.text, longest_result);
  const auto next = next_attempt(rules_.retry, record, now);
  if (attempt.outcome == DeliveryAttempt::Outcome::done) {
    finish_delivery(record, DeliveryState::sent, now);
  } else if (attempt.outcome == DeliveryAttempt::Outcome::refused || !next) {
    finish_delivery(record, DeliveryState::failed, now);
  } else {
    record.due = *next;
  }
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    if (!rows::update_claimed_delivery(session, record)) return false;
    changed.delivery(record.id, record.server.text());
    return true;
  });
}

void Deliveries::abandon_all() {
  store_.database().write([](soci::session& session) { rows::abandon_delivery_claims(session); });
}

}  // namespace rescue::netboot
