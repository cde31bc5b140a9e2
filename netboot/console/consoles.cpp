// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/console/consoles.hpp"

#include "core/printable.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/audit_rows.hpp"
#include "netboot/store/console_rows.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr std::size_t most_listed = 100;

bool is_open(const AgentSession& session) { return !session.ended && session.revoked.empty(); }

/// The server's session that a console may show.
std::optional<AgentSession> open_session(soci::session& session, const std::string& server) {
  auto latest = rows::latest_session(session, server);
  return latest && is_open(*latest) ? std::move(latest) : std::nullopt;
}

std::vector<ConsoleViewer> connected(soci::session& session, const std::string& of, WallTime now) {
  auto viewers = rows::open_console_viewers_of(session, of);
  viewers.erase(
      std::remove_if(viewers.begin(), viewers.end(), [now](const auto& viewer) { return !is_connected(viewer, now); }),
      viewers.end());
  return viewers;
}

std::optional<WallTime> end_of_lease(soci::session& session, const AgentSession& of) {
  const auto lease = rows::current_lease(session, of.server.text());
  return lease && lease->id == of.lease ? std::optional(lease->expires) : std::nullopt;
}

json pass_audit_json(const ConsolePass& pass, WallTime now) {
  return {{"console", fmt::format("c-{}", pass.id)},
          {"role", name_of(pass.role)},
          {"session", pass.session},
          {"state", name_of(state_of(pass, now))},
          {"expires_at", rfc3339(pass.expires)}};
}

json viewer_audit_json(const ConsoleViewer& viewer) {
  json body{{"viewer", fmt::format("v-{}", viewer.id)},
            {"console", fmt::format("c-{}", viewer.pass)},
            {"role", name_of(viewer.role)},
            {"address", viewer.address},
            {"label", viewer.label},
            {"state", viewer.ended ? "closed" : "open"}};
  if (viewer.ended) body["reason"] = viewer.end_reason;
  if (viewer.connection > 1) body["connection"] = viewer.connection;
  return body;
}

/// Audits what a browser does: no request with a token does that, so no ActingScope does.
void audit_viewer(soci::session& session, const json& before, const ConsoleViewer& viewer, Acting by, WallTime now) {
  by.who = fmt::format("console c-{}", viewer.pass);
  by.role = "console";
  by.server = viewer.server.text();
  by.at = now;
  if (by.method.empty()) {
    by.method = "GET";
    by.route = "/v1/console";
    by.peer = viewer.address;
  }
  auto entry = entry_of(by);
  entry.outcome = AuditOutcome::done;
  entry.before = before.dump();
  entry.after = viewer_audit_json(viewer).dump(-1, ' ', false, json::error_handler_t::replace);
  rows::insert_audit_entry(session, entry);
}

/// Ends a console that has not ended.
void end_viewer(soci::session& session, ConsoleViewer& viewer, ConsoleEnd reason, WallTime now) {
  const auto before = viewer_audit_json(viewer);
  viewer.ended = now;
  viewer.end_reason = name_of(reason);
  rows::update_console_viewer(session, viewer);
  audit_viewer(session, before, viewer, {}, now);
}

[[noreturn]] void throw_unknown() {
  throw Error(ErrorCode::not_found, "there is no console for this", "Copy the whole link, or ask for a new one.");
}

[[noreturn]] void throw_gone(const std::string& what) {
  throw ConsoleGone(ErrorCode::precondition, what, "Ask for a new console.");
}

AgentSession require_open(soci::session& session, const ServerName& server, const std::string& id) {
  auto found = open_session(session, server.text());
  if (!found || found->id != id) throw_gone("the rescue session has ended");
  return *std::move(found);
}

OpenedConsole opened(soci::session& session, const ConsoleViewer& viewer, Secret resume, const AgentSession& of,
                     WallTime now) {
  return {viewer, std::move(resume), connected(session, of.id, now), rows::request_of_lease(session, of.lease).keyboard,
          end_of_lease(session, of)};
}

}  // namespace

Consoles::NewPass Consoles::make(const ServerName& server, ConsoleRole role, Milliseconds ttl,
                                 const std::string& made_by) {
  auto secret = fresh_token();
  const auto hash = hash_of(secret.reveal());
  auto pass = store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, server);
    const auto now = store_.now();
    const auto of = open_session(session, server.text());
    if (!of) {
      throw Error(ErrorCode::conflict, fmt::format("{} has no rescue session", server.text()),
                  "Start a rescue; its console can be opened as soon as the host agent has reported.");
    }
    if (rows::count_console_passes_since(session, of->id, now - std::chrono::hours(1)) >= most_passes_of_session) {
      throw Error(ErrorCode::conflict,
                  fmt::format("{} consoles were made for this session in an hour", most_passes_of_session),
                  "Retry later.");
    }
    ConsolePass made{0, server, of->id, role, made_by, now, now + ttl};
    rows::insert_console_pass(session, made, hash);
    if (auto* const scope = ActingScope::current()) scope->about({"null", pass_audit_json(made, now).dump()});
    changed.session(made.session, server.text());
    return made;
  });
  return {std::move(pass), std::move(secret)};
}

Consoles::Listed Consoles::of_server(const ServerName& server) {
  return store_.database().read([&](soci::session& session) {
    (void)rows::require_server(session, server);
    const auto of = open_session(session, server.text());
    if (!of) return Listed{};
    return Listed{rows::console_passes_of(session, of->id, most_listed), connected(session, of->id, store_.now())};
  });
}

ConsolePass Consoles::find(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::require_console_pass(session, id); });
}

void Consoles::revoke(long long id, const std::string& by) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    // Locks in the order of `open`; who resumes a viewer or changes it holds the server's lock, too.
    rows::lock_server(session, rows::require_console_pass(session, id).server);
    rows::lock_console_pass(session, id);
    auto pass = rows::require_console_pass(session, id);
    if (pass.revoked) return;
    const auto now = store_.now();
    const auto before = pass_audit_json(pass, now);
    pass.revoked = now;
    pass.revoked_by = by;
    rows::update_console_pass(session, pass);
    for (auto& viewer : rows::open_console_viewers_of(session, pass.session)) {
      if (viewer.pass == pass.id) end_viewer(session, viewer, ConsoleEnd::revoked, now);
    }
    if (auto* const scope = ActingScope::current()) scope->about({before.dump(), pass_audit_json(pass, now).dump()});
    changed.session(pass.session, pass.server.text());
  });
}

namespace {

void require_place(std::size_t viewers) {
  if (viewers < most_viewers) return;
  throw Error(ErrorCode::conflict, fmt::format("{} people watch this console already", most_viewers),
              "Close one of them first; the pass is not used up.");
}

}  // namespace

OpenedConsole Consoles::open(std::string_view pass, const Acting& visitor, const std::string& relay_url) {
  const auto hash = hash_of(pass);
  auto resume = fresh_token();
  const auto resume_hash = hash_of(resume.reveal());
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto known = rows::console_pass_of_hash(session, hash);
    if (!known) throw_unknown();
    rows::lock_server(session, known->server);  // the number of viewers is decided
    rows::lock_console_pass(session, known->id);
    auto found = rows::require_console_pass(session, known->id);
    const auto now = store_.now();
    const auto state = state_of(found, now);
    if (state != PassState::waiting) throw_gone(fmt::format("the console's pass is {}", name_of(state)));
    const auto of = require_open(session, found.server, found.session);
    require_place(connected(session, of.id, now).size());
    found.used = now;
    rows::update_console_pass(session, found);
    ConsoleViewer viewer{0, found.id, found.server, found.session, found.role};
    viewer.address = visitor.peer;
    viewer.relay_url = relay_url;
    viewer.since = viewer.seen = now;
    rows::insert_console_viewer(session, viewer, resume_hash);
    audit_viewer(session, json(), viewer, visitor, now);
    changed.session(found.session, found.server.text());
    return opened(session, viewer, resume.clone(), of, now);
  });
}

OpenedConsole Consoles::resume(std::string_view token, const Acting& visitor, const std::string& relay_url) {
  const auto hash = hash_of(token);
  auto resume = fresh_token();
  const auto resume_hash = hash_of(resume.reveal());
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto known = rows::console_viewer_of_resume(session, hash);
    if (!known) throw_unknown();
    rows::lock_server(session, known->server);
    // Read again behind the lock: another connection may have used the token meanwhile.
    const auto present = rows::console_viewer_of_resume(session, hash);
    if (!present) throw_gone("the console was resumed already");
    auto viewer = *present;
    const auto now = store_.now();
    if (!may_resume(viewer, now)) {
      throw_gone(viewer.ended ? fmt::format("the console has ended: {}", viewer.end_reason)
                              : std::string("the console's connection broke too long ago"));
    }
    const auto of = require_open(session, viewer.server, viewer.session);
    auto others = connected(session, of.id, now);
    std::erase_if(others, [&](const auto& other) { return other.id == viewer.id; });
    require_place(others.size());
    const auto before = viewer_audit_json(viewer);
    ++viewer.connection;
    viewer.broken.reset();
    viewer.seen = now;
    viewer.relay_url = relay_url;
    viewer.address = visitor.peer;
    rows::update_console_viewer(session, viewer);
    rows::replace_resume_token(session, viewer.id, hash, resume_hash);
    audit_viewer(session, before, viewer, visitor, now);
    changed.session(viewer.session, viewer.server.text());
    return opened(session, viewer, resume.clone(), of, now);
  });
}

Consoles::Scene Consoles::scene(const ServerName& server) {
  return store_.database().read([&](soci::session& session) {
    const auto of = open_session(session, server.text());
    if (!of) return Scene{};
    return Scene{of->id, connected(session, of->id, store_.now()), end_of_lease(session, *of)};
  });
}

std::optional<ConsoleViewer> Consoles::viewer(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::find_console_viewer(session, id); });
}

void Consoles::touch(const std::vector<Connection>& connections) {
  if (connections.empty()) return;
  store_.database().write([&](soci::session& session) {
    for (const auto& [id, connection] : connections) rows::touch_console_viewer(session, id, connection, store_.now());
  });
}

namespace {

/// Changes the viewer if this is its present connection and it has not ended.
template <class Change>
void change_viewer(Store& store, const Consoles::Connection& connection, Change change) {
  store.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto known = rows::find_console_viewer(session, connection.first);
    if (!known) return;
    rows::lock_server(session, known->server);
    auto viewer = rows::find_console_viewer(session, connection.first);
    if (!viewer || viewer->ended || viewer->connection != connection.second) return;
    if (change(session, *viewer)) changed.session(viewer->session, viewer->server.text());
  });
}

}  // namespace

void Consoles::broken(const Connection& connection) {
  change_viewer(store_, connection, [&](soci::session& session, ConsoleViewer& viewer) {
    if (viewer.broken) return false;
    viewer.broken = store_.now();
    rows::update_console_viewer(session, viewer);
    return true;
  });
}

void Consoles::end(const Connection& connection, ConsoleEnd reason) {
  change_viewer(store_, connection, [&](soci::session& session, ConsoleViewer& viewer) {
    end_viewer(session, viewer, reason, store_.now());
    return true;
  });
}

void Consoles::end_what_is_broken(Milliseconds window) {
  const auto stale = [&](const ConsoleViewer& viewer) {
    const auto now = store_.now();
    return viewer.broken ? now - *viewer.broken > window : now - viewer.seen > 3 * window;
  };
  const auto found = store_.database().read([&](soci::session& session) {
    const auto now = store_.now();
    return rows::silent_console_viewers(session, now - window, now - 3 * window);
  });
  for (const auto& viewer : found) {
    change_viewer(store_, {viewer.id, viewer.connection}, [&](soci::session& session, ConsoleViewer& present) {
      if (!stale(present)) return false;
      end_viewer(session, present, ConsoleEnd::broken, store_.now());
      return true;
    });
  }
}

void Consoles::label(const Connection& connection, const std::string& text) {
  change_viewer(store_, connection, [&](soci::session& session, ConsoleViewer& viewer) {
    viewer.label = printable(text, longest_label);
    rows::update_console_viewer(session, viewer);
    return true;
  });
}

}  // namespace rescue::netboot
