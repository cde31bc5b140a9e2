// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/secret_links.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/audit_rows.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/secret_link_rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

using nlohmann::json;

json link_audit_json(const SecretLink& link, WallTime now) {
  return {{"secret", fmt::format("o-{}", link.id)},
          {"state", name_of(state_of(link, now))},
          {"expires_at", rfc3339(link.expires)},
          {"needs_code", link.needs_code},
          {"wrong_codes", link.wrong_codes}};
}

void remember_link(const json& before, const SecretLink& link, WallTime now) {
  if (auto* const scope = ActingScope::current()) scope->about({before.dump(), link_audit_json(link, now).dump()});
}

/// Audits what a visitor changed. No request with a token does that, so no ActingScope does.
void audit_visit(soci::session& session, const SecretLink& before, const SecretLink& after, Acting visitor,
                 AuditOutcome outcome, WallTime now) {
  visitor.who = fmt::format("link of o-{}", after.id);
  visitor.role = "link";
  visitor.server = after.server.text();
  auto entry = entry_of(visitor);
  entry.outcome = outcome;
  if (outcome == AuditOutcome::denied) entry.error = name_of(ErrorCode::denied);
  entry.before = link_audit_json(before, now).dump();
  entry.after = link_audit_json(after, now).dump();
  rows::insert_audit_entry(session, entry);
}

SecretLink require_named(soci::session& session, const std::string& hash) {
  if (auto found = rows::secret_link_of_hash(session, hash)) return *std::move(found);
  throw Error(ErrorCode::not_found, "there is no secret behind this link",
              "Copy the whole link. An old one may have been removed: ask for a new one.");
}

std::string_view reason_of(Reveal::Refusal refusal, LinkState state) {
  if (refusal == Reveal::Refusal::wrong_link) return "wrong link";
  if (refusal == Reveal::Refusal::no_code) return "no code";
  return refusal == Reveal::Refusal::wrong_code ? "wrong code" : name_of(state);
}

/// Opens a box. A key file that is missing, or that others may read, is a `precondition` like one that does not fit.
Secret opened_box(const KeyFile& keys, const std::string& box) {
  try {
    return keys.open(box);
  } catch (const Error& error) {
    throw Error(ErrorCode::precondition, error.what(), error.hint());
  }
}

/// An attempt to reveal a secret, as far as the link's row does not matter.
struct Attempt {
  bool has_link = false;   ///< its proof is right
  bool has_proof = false;  ///< of a code
  bool is_proven = false;  ///< also without a proof where there is no code
  LinkState seen = LinkState::waiting;
  json sealed{};  ///< null unless `seen` is waiting
};

/// State of the link for this attempt. A clock that was set back makes no expired link wait again.
LinkState state_for(const Attempt& attempt, const SecretLink& link, WallTime now) {
  const auto state = state_of(link, now);
  return state == LinkState::waiting ? attempt.seen : state;
}

Reveal decide(const SecretLink& before, const Attempt& attempt, const std::string& address, WallTime now) {
  Reveal result{before, {}, Reveal::Refusal::none, state_for(attempt, before, now)};
  auto& link = result.link;
  if (result.state != LinkState::waiting || attempt.sealed.is_null()) {
    result.refusal = Reveal::Refusal::state;
  } else if (!attempt.has_link) {
    result.refusal = Reveal::Refusal::wrong_link;
  } else if (attempt.is_proven) {
    result.sealed = attempt.sealed;
    link.revealed = now;
    link.revealed_to = address;
  } else if (attempt.has_proof) {
    result.refusal = Reveal::Refusal::wrong_code;
    ++link.wrong_codes;
  } else {
    result.refusal = Reveal::Refusal::no_code;
  }
  if (state_of(link, now) != LinkState::waiting) wipe_secret(link);
  return result;
}

/// Writes the row, the visit and the audit log's entry. Returns false if there is nothing new.
bool record_visit(soci::session& session, const SecretLink& before, const Reveal& result, const Acting& visitor,
                  WallTime now) {
  const bool is_revealed = result.refusal == Reveal::Refusal::none;
  auto link = result.link;
  Visit visit{is_revealed ? VisitKind::revealed : VisitKind::refused, now, visitor.peer};
  if (!is_revealed) visit.reason = reason_of(result.refusal, result.state);
  const bool is_kept = rows::add_secret_visit(session, link, visit);
  const bool is_audited = is_revealed || result.refusal == Reveal::Refusal::wrong_code;
  if (is_audited) {
    audit_visit(session, before, link, visitor, is_revealed ? AuditOutcome::done : AuditOutcome::denied, now);
  }
  if (is_kept || is_audited) rows::update_secret_link(session, link);
  return is_kept || is_audited;
}

}  // namespace

/// The box of a link, opened: all that KeyFile has sealed.
struct SecretLinks::Content {
  json sealed;
  std::string link_verifier;
  std::string verifier;
  bool needs_code = true;
};

SecretLinks::SecretLinks(Store& store, const std::string& key_file)
    : store_(store), keys_(key_file, {"the secret of this link", "issue the secret again"}) {}

/// The hash in the box keeps somebody who may write to the database from swapping two boxes. The box also decides
/// whether there is a code: the row's `needs_code` is for lists.
SecretLinks::Content SecretLinks::content_of(const SecretLink& link, const std::string& hash) const {
  const auto opened = opened_box(keys_, link.box);
  auto content = json::parse(opened.reveal(), nullptr, false);
  if (!content.is_object() || content.value("hash", "") != hash || !content["sealed"].is_object()) {
    throw Error(ErrorCode::precondition, fmt::format("the box of the secret o-{} is not its own", link.id),
                "Somebody has changed the database: issue the secret again.");
  }
  const auto verifier = content.value("verifier", "");
  const bool is_sealed_with_code = !content["sealed"].value("code", json()).is_null();
  return {content["sealed"], bytes_of_base64(content.value("link_verifier", "")).value_or(""),
          bytes_of_base64(verifier).value_or(""), !verifier.empty() || is_sealed_with_code};
}

SecretLink SecretLinks::make(const ServerName& server, const NewSecretLink& wanted, const std::string& made_by) {
  const auto hash = hash_of(wanted.name);
  auto text = json{{"hash", hash},
                   {"sealed", wanted.sealed},
                   {"link_verifier", base64_of(wanted.link_verifier)},
                   {"verifier", base64_of(wanted.verifier)}}
                  .dump();
  const auto box = keys_.seal(Secret(std::string_view(text)));
  wipe(text);
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, server);
    const auto now = store_.now();
    if (const auto same = rows::secret_link_of_hash(session, hash);
        same && !wanted.session.empty() && same->session == wanted.session && same->server == server) {
      return *same;
    }
    if (rows::count_secret_links_since(session, server.text(), now - usual_link_ttl) >= most_links_a_day) {
      throw Error(ErrorCode::conflict,
                  fmt::format("{} secrets were made for {} today", most_links_a_day, server.text()), "Retry tomorrow.");
    }
    SecretLink link{0, server, made_by, now, now + wanted.ttl, wanted.needs_code, box};
    link.session = wanted.session;
    link.sealed_code = wanted.sealed_code;
    if (!wanted.session.empty()) revoke_links_of_agents(session, server.text(), {}, made_by, now, changed);
    rows::insert_secret_link(session, link, hash);
    remember_link(json(), link, now);
    changed.secret(link.id, server.text());
    return link;
  });
}

SecretLink SecretLinks::open(std::string_view name, const Acting& visitor) {
  return noted(name, {VisitKind::opened, {}, visitor.peer});
}

void SecretLinks::note_refusal(std::string_view name, const std::string& reason, const Acting& visitor) {
  (void)noted(name, {VisitKind::refused, {}, visitor.peer, reason});
}

SecretLink SecretLinks::noted(std::string_view name, Visit visit) {
  const auto hash = hash_of(name);
  auto link = store_.database().read([&](soci::session& session) { return require_named(session, hash); });
  const auto id = link.id;
  if ((visit.kind == VisitKind::opened ? link.opened : link.refused) >= most_visits_of_kind) return link;
  try {
    store_.database().write([&](soci::session& session, ChangeSet& changed) {
      rows::lock_secret_link(session, id);
      link = rows::require_secret_link(session, id);
      visit.at = store_.now();
      if (!rows::add_secret_visit(session, link, visit)) return;
      rows::update_secret_link(session, link);
      changed.secret(id, link.server.text());
    });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) throw;
    log::warning("a visit of the link of o-{} from {} could not be noted: {}", id, visit.address,
                 report_of(error).one_line());
  }
  return link;
}

Reveal SecretLinks::reveal(std::string_view name, const RevealProofs& proofs, const Acting& visitor) {
  const auto hash = hash_of(name);
  const auto seen = store_.database().read([&](soci::session& session) { return require_named(session, hash); });
  const auto& code = proofs.code;
  Attempt attempt{false, code.has_value(), false, state_of(seen, store_.now()), {}};
  if (attempt.seen == LinkState::waiting) {
    auto content = content_of(seen, hash);
    attempt.has_link = credentials::is_proven(proofs.link, content.link_verifier);
    attempt.is_proven = !content.needs_code || (code && credentials::is_proven(*code, content.verifier));
    attempt.sealed = std::move(content.sealed);
  }
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_secret_link(session, seen.id);
    const auto before = rows::require_secret_link(session, seen.id);
    const auto now = store_.now();
    const auto result = decide(before, attempt, visitor.peer, now);
    if (record_visit(session, before, result, visitor, now)) changed.secret(before.id, before.server.text());
    return result;
  });
}

std::vector<SecretLink> SecretLinks::of_server(const ServerName& server, long long before, std::size_t limit) {
  return store_.database().read([&](soci::session& session) {
    (void)rows::require_server(session, server);
    return rows::secret_links_of(session, server.text(), before, limit);
  });
}

SecretLink SecretLinks::find(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::require_secret_link(session, id); });
}

std::vector<Visit> SecretLinks::visits(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::secret_visits_of(session, id); });
}

void SecretLinks::set_sending(long long id, LinkSending sending) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_secret_link(session, id);
    auto link = rows::require_secret_link(session, id);
    if (link.sending == sending) return;
    link.sending = sending;
    rows::update_secret_link(session, link);
    changed.secret(id, link.server.text());
  });
}

void SecretLinks::revoke(long long id, const std::string& revoked_by) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_secret_link(session, id);
    auto link = rows::require_secret_link(session, id);
    if (link.revealed || link.revoked) return;
    const auto now = store_.now();
    const auto before = link_audit_json(link, now);
    link.revoked = now;
    link.revoked_by = revoked_by;
    wipe_secret(link);
    rows::update_secret_link(session, link);
    remember_link(before, link, now);
    changed.secret(id, link.server.text());
  });
}

void revoke_links_of_agents(soci::session& session, const std::string& server, const std::string& agent,
                            const std::string& revoked_by, WallTime now, ChangeSet& changed) {
  for (const auto& waiting : rows::waiting_links_of_agents(session, server)) {
    if (!agent.empty() && waiting.session != agent) continue;
    rows::lock_secret_link(session, waiting.id);
    auto link = rows::require_secret_link(session, waiting.id);
    if (link.revealed || link.revoked) continue;  // while the lock was waited for
    link.revoked = now;
    link.revoked_by = revoked_by;
    wipe_secret(link);
    rows::update_secret_link(session, link);
    changed.secret(link.id, server);
  }
}

}  // namespace rescue::netboot
