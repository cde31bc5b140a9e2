// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/schema_steps.hpp"

#include "netboot/store/dialect.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::netboot {
namespace {

using Statements = std::vector<std::string>;

Statements servers_leases_tokens() {
  constexpr auto servers = R"sql(
    CREATE TABLE servers (
      name TEXT NOT NULL PRIMARY KEY,
      firmware TEXT NOT NULL,
      address TEXT NOT NULL,
      loader TEXT NOT NULL,
      created_ms BIGINT NOT NULL))sql";
  constexpr auto macs = R"sql(
    CREATE TABLE server_macs (
      mac TEXT NOT NULL PRIMARY KEY,
      server TEXT NOT NULL REFERENCES servers (name),
      position INTEGER NOT NULL))sql";
  // Ended leases are kept, as a history of requests.
  const auto leases = fmt::format(R"sql(
    CREATE TABLE leases (
      id {},
      server TEXT NOT NULL REFERENCES servers (name),
      mode TEXT NOT NULL,
      policy TEXT NOT NULL,
      requested_by TEXT NOT NULL,
      reason TEXT NOT NULL,
      granted_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL,
      boots INTEGER NOT NULL,
      last_boot_ms BIGINT,
      ended_ms BIGINT,
      ended_by TEXT))sql",
                                  dialect::numbered_key);
  constexpr auto tokens = R"sql(
    CREATE TABLE tokens (
      hash TEXT NOT NULL PRIMARY KEY,
      role TEXT NOT NULL,
      server TEXT REFERENCES servers (name),
      label TEXT NOT NULL,
      created_ms BIGINT NOT NULL))sql";
  return {servers,
          macs,
          "CREATE INDEX server_macs_of_server ON server_macs (server)",
          leases,
          "CREATE UNIQUE INDEX leases_current ON leases (server) WHERE ended_ms IS NULL",
          "CREATE INDEX leases_of_server ON leases (server)",
          tokens};
}

Statements host_agents() {
  constexpr auto requests = R"sql(
    CREATE TABLE rescue_requests (
      lease BIGINT NOT NULL PRIMARY KEY REFERENCES leases (id),
      on_shutdown TEXT NOT NULL,
      disk_mode TEXT NOT NULL,
      ending TEXT NOT NULL,
      image TEXT NOT NULL,
      public_key TEXT NOT NULL))sql";
  constexpr auto boot_tokens = R"sql(
    CREATE TABLE boot_tokens (
      hash TEXT NOT NULL PRIMARY KEY,
      server TEXT NOT NULL REFERENCES servers (name),
      lease BIGINT NOT NULL REFERENCES leases (id),
      boot INTEGER NOT NULL,
      expires_ms BIGINT NOT NULL))sql";
  // Only the requester can open `sealed`; it is empty after it was handed out.
  constexpr auto sessions = R"sql(
    CREATE TABLE sessions (
      id TEXT NOT NULL PRIMARY KEY,
      server TEXT NOT NULL REFERENCES servers (name),
      lease BIGINT NOT NULL REFERENCES leases (id),
      boot INTEGER NOT NULL,
      agent_hash TEXT NOT NULL,
      began_ms BIGINT NOT NULL,
      heard_ms BIGINT NOT NULL,
      ended_ms BIGINT,
      revoked TEXT NOT NULL,
      phase TEXT NOT NULL,
      report TEXT NOT NULL,
      connection TEXT NOT NULL,
      sealed TEXT NOT NULL,
      sealed_ms BIGINT,
      read_ms BIGINT,
      command_id BIGINT,
      command_kind TEXT,
      command_then TEXT))sql";
  return {"ALTER TABLE leases ADD COLUMN last_heard_ms BIGINT",
          requests,
          boot_tokens,
          "CREATE INDEX boot_tokens_of_server ON boot_tokens (server)",
          sessions,
          "CREATE UNIQUE INDEX sessions_of_boot ON sessions (lease, boot)",
          "CREATE INDEX sessions_of_server ON sessions (server, began_ms)",
          "CREATE UNIQUE INDEX sessions_of_agent ON sessions (agent_hash)"};
}

Statements bmcs_tasks() {
  constexpr auto bmcs = R"sql(
    CREATE TABLE bmcs (
      server TEXT NOT NULL PRIMARY KEY REFERENCES servers (name),
      address TEXT NOT NULL,
      port INTEGER NOT NULL,
      login TEXT NOT NULL,
      cipher_suite INTEGER NOT NULL,
      sealed_password TEXT NOT NULL))sql";
  // A lease of 0: none.
  const auto tasks = fmt::format(R"sql(
    CREATE TABLE tasks (
      id {},
      kind TEXT NOT NULL,
      server TEXT NOT NULL REFERENCES servers (name),
      state TEXT NOT NULL,
      requested_by TEXT NOT NULL,
      lease BIGINT NOT NULL,
      power_action TEXT NOT NULL,
      boot_device TEXT NOT NULL,
      power INTEGER NOT NULL,
      ending TEXT NOT NULL,
      steps TEXT NOT NULL,
      error TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      deadline_ms BIGINT NOT NULL,
      ended_ms BIGINT))sql",
                                 dialect::numbered_key);
  return {bmcs, tasks, "CREATE INDEX tasks_of_server ON tasks (server)",
          "CREATE INDEX tasks_unfinished ON tasks (id) WHERE ended_ms IS NULL"};
}

Statements redfish_bmcs() {
  return {"ALTER TABLE bmcs ADD COLUMN kind TEXT NOT NULL DEFAULT 'ipmi'",
          "ALTER TABLE bmcs ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE bmcs ADD COLUMN ca TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE bmcs ADD COLUMN computer_system TEXT NOT NULL DEFAULT ''"};
}

Statements api_tokens() {
  // `servers` and `tags` are lists in JSON, empty for a token that is not bound. Revoked tokens are kept: the audit log
  // refers to them. `tokens` keeps those that were made by hand for host agents.
  const auto tokens = fmt::format(R"sql(
    CREATE TABLE api_tokens (
      id {},
      hash TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      servers TEXT NOT NULL,
      tags TEXT NOT NULL DEFAULT '[]',
      created_by TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      expires_ms BIGINT,
      used_ms BIGINT,
      used_from TEXT NOT NULL,
      revoked_ms BIGINT,
      revoked_by TEXT NOT NULL))sql",
                                  dialect::numbered_key);
  return {tokens, "CREATE UNIQUE INDEX api_tokens_by_name ON api_tokens (name) WHERE revoked_ms IS NULL",
          "INSERT INTO api_tokens (hash, name, role, servers, created_by, created_ms, used_from, revoked_by)"
          " SELECT hash, 'admin', 'admin', '[]', 'netbootd --init-admin-token', created_ms, '', ''"
          " FROM tokens WHERE role = 'admin'",
          "DELETE FROM tokens WHERE role = 'admin'"};
}

Statements audit_and_requests() {
  // Without references: entries outlive their subjects.
  const auto log = fmt::format(R"sql(
    CREATE TABLE audit_log (
      id {},
      at_ms BIGINT NOT NULL,
      request_id TEXT NOT NULL,
      who TEXT NOT NULL,
      role TEXT NOT NULL,
      token TEXT NOT NULL,
      method TEXT NOT NULL,
      route TEXT NOT NULL,
      peer TEXT NOT NULL,
      server TEXT NOT NULL,
      outcome TEXT NOT NULL,
      error TEXT NOT NULL,
      state_before TEXT NOT NULL,
      state_after TEXT NOT NULL))sql",
                               dialect::numbered_key);
  // Status 0: the request is running.
  constexpr auto keys = R"sql(
    CREATE TABLE idempotency_keys (
      token TEXT NOT NULL,
      idempotency_key TEXT NOT NULL,
      method TEXT NOT NULL,
      path TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      status INTEGER NOT NULL,
      content_type TEXT NOT NULL,
      headers TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (token, idempotency_key)))sql";
  Statements statements{log,
                        "CREATE INDEX audit_log_of_server ON audit_log (server, id)",
                        "CREATE INDEX audit_log_by_time ON audit_log (at_ms)",
                        keys,
                        "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_ms)",
                        "ALTER TABLE tasks ADD COLUMN request_id TEXT NOT NULL DEFAULT ''",
                        "ALTER TABLE rescue_requests ADD COLUMN request_id TEXT NOT NULL DEFAULT ''"};
  for (const auto* const trigger : dialect::append_only) statements.emplace_back(trigger);
  return statements;
}

/// `event_notes` are changes without an event yet: written in the transaction of the change, so that none is lost. The
/// only row of `event_head` holds the newest event's number; it is locked to add events.
Statements events() {
  const auto notes = fmt::format(R"sql(
    CREATE TABLE event_notes (
      id {},
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      server TEXT NOT NULL,
      is_new INTEGER NOT NULL))sql",
                                 dialect::numbered_key);
  return {notes,
          R"sql(
    CREATE TABLE events (
      id BIGINT NOT NULL PRIMARY KEY,
      at_ms BIGINT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      server TEXT NOT NULL,
      data TEXT NOT NULL))sql",
          "CREATE INDEX events_of_subject ON events (kind, subject, id)",
          "CREATE INDEX events_by_time ON events (at_ms)",
          "CREATE TABLE event_head (newest BIGINT NOT NULL)",
          "INSERT INTO event_head (newest) VALUES (0)"};
}

/// The identity of servers beside their cards, notes of people, and a version for editors.
Statements server_identity() {
  return {"ALTER TABLE servers ADD COLUMN uuid TEXT",
          "ALTER TABLE servers ADD COLUMN serial TEXT",
          "ALTER TABLE servers ADD COLUMN notes TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE servers ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
          "CREATE UNIQUE INDEX servers_by_uuid ON servers (uuid)",
          "CREATE UNIQUE INDEX servers_by_serial ON servers (serial)",
          R"sql(
    CREATE TABLE server_tags (
      server TEXT NOT NULL REFERENCES servers (name),
      tag TEXT NOT NULL,
      PRIMARY KEY (server, tag)))sql",
          "CREATE INDEX server_tags_by_tag ON server_tags (tag, server)"};
}

/// Further wishes of a rescue's requester.
Statements rescue_wishes() {
  return {"ALTER TABLE rescue_requests ADD COLUMN notify_address TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE rescue_requests ADD COLUMN notify_language TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE rescue_requests ADD COLUMN keyboard TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE rescue_requests ADD COLUMN ssh_keys TEXT NOT NULL DEFAULT ''"};
}

/// The netbootd that works on a task, the end of its claim, and the time of the next look at it.
Statements task_claims() {
  return {"ALTER TABLE tasks ADD COLUMN claimed_by TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE tasks ADD COLUMN claimed_until_ms BIGINT NOT NULL DEFAULT 0",
          "ALTER TABLE tasks ADD COLUMN due_ms BIGINT NOT NULL DEFAULT 0",
          // Tasks that the previous netbootd left running are taken over, not begun again.
          "UPDATE tasks SET claimed_by = 'a netbootd before' WHERE state = 'running'"};
}

/// The end of the guest's changes.
Statements finish_changes() {
  return {"ALTER TABLE tasks ADD COLUMN changes TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE sessions ADD COLUMN command_changes TEXT NOT NULL DEFAULT 'keep'",
          "UPDATE tasks SET changes = 'keep' WHERE kind = 'finish'"};
}

/// Whether a host agent is expected: earlier boots all had one.
Statements leases_without_agents() { return {"ALTER TABLE leases ADD COLUMN has_agent INTEGER NOT NULL DEFAULT 1"}; }

/// Tokens that may change the identity of servers; and an address belongs to one server. If several had one, the server
/// that was added first gets it, and the others keep it as `shares_address` until somebody changes it: an upgrade does
/// not break a working rescue.
Statements server_identity_rights() {
  return {"ALTER TABLE api_tokens ADD COLUMN identity INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE servers ADD COLUMN shares_address INTEGER NOT NULL DEFAULT 0",
          "UPDATE servers SET shares_address = 1 WHERE address <> '' AND EXISTS (SELECT 1 FROM servers AS earlier"
          " WHERE earlier.address = servers.address AND (earlier.created_ms < servers.created_ms"
          " OR (earlier.created_ms = servers.created_ms AND earlier.name < servers.name)))",
          "CREATE UNIQUE INDEX servers_by_address ON servers (address) WHERE address <> '' AND shares_address = 0",
          "CREATE INDEX servers_of_address ON servers (address)"};
}

/// Finds old rows by their age, to delete them.
Statements rows_by_age() {
  return {"CREATE INDEX tasks_by_end ON tasks (ended_ms) WHERE ended_ms IS NOT NULL",
          "CREATE INDEX tasks_of_lease ON tasks (lease)",
          "CREATE INDEX sessions_by_age ON sessions (heard_ms)",
          "CREATE INDEX leases_by_end ON leases (ended_ms) WHERE ended_ms IS NOT NULL",
          "CREATE INDEX boot_tokens_by_end ON boot_tokens (expires_ms)",
          "CREATE INDEX boot_tokens_of_lease ON boot_tokens (lease, boot)"};
}

/// How often a task was taken over from a netbootd that died, and whether its server's BMC must still clear the boot
/// device of a finished rescue.
Statements tasks_that_end() {
  return {"ALTER TABLE tasks ADD COLUMN taken_up INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE tasks ADD COLUMN take_back INTEGER NOT NULL DEFAULT 0",
          "CREATE INDEX tasks_to_take_back ON tasks (id) WHERE take_back = 1"};
}

/// Serial numbers that differ in case only are the same. If several servers had one, the one that was added first gets
/// it, and the others keep theirs as `shares_serial`.
Statements serials_in_either_case() {
  return {"ALTER TABLE servers ADD COLUMN shares_serial INTEGER NOT NULL DEFAULT 0",
          "UPDATE servers SET shares_serial = 1 WHERE EXISTS (SELECT 1 FROM servers AS earlier"
          " WHERE LOWER(earlier.serial) = LOWER(servers.serial) AND (earlier.created_ms < servers.created_ms"
          " OR (earlier.created_ms = servers.created_ms AND earlier.name < servers.name)))",
          "CREATE UNIQUE INDEX servers_by_lower_serial ON servers (LOWER(serial)) WHERE shares_serial = 0",
          "CREATE INDEX servers_of_lower_serial ON servers (LOWER(serial))"};
}

/// One-time links of secrets, and a bounded list of what was done with each.
Statements secret_links() {
  const auto links = fmt::format(R"sql(
    CREATE TABLE secret_links (
      id {},
      hash TEXT NOT NULL,
      server TEXT NOT NULL REFERENCES servers (name),
      made_by TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL,
      needs_code INTEGER NOT NULL,
      box TEXT NOT NULL,
      wrong_codes INTEGER NOT NULL,
      opened INTEGER NOT NULL,
      refused INTEGER NOT NULL,
      revealed_ms BIGINT,
      revealed_to TEXT NOT NULL,
      revoked_ms BIGINT,
      revoked_by TEXT NOT NULL))sql",
                                 dialect::numbered_key);
  const auto visits = fmt::format(R"sql(
    CREATE TABLE secret_visits (
      id {},
      link BIGINT NOT NULL REFERENCES secret_links (id),
      at_ms BIGINT NOT NULL,
      kind TEXT NOT NULL,
      address TEXT NOT NULL,
      reason TEXT NOT NULL))sql",
                                  dialect::numbered_key);
  return {links,
          "CREATE UNIQUE INDEX secret_links_by_hash ON secret_links (hash)",
          "CREATE INDEX secret_links_of_server ON secret_links (server, id)",
          "CREATE INDEX secret_links_by_end ON secret_links (expires_ms)",
          "CREATE INDEX secret_links_with_box ON secret_links (expires_ms) WHERE box <> ''",
          visits,
          "CREATE INDEX secret_visits_of_link ON secret_visits (link, id)"};
}

/// Links that host agents make for the customers of their rescues.
Statements links_of_rescues() {
  return {"ALTER TABLE rescue_requests ADD COLUMN link INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE rescue_requests ADD COLUMN code TEXT NOT NULL DEFAULT 'panel'",
          "ALTER TABLE secret_links ADD COLUMN session TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE secret_links ADD COLUMN sealed_code TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE secret_links ADD COLUMN sending TEXT NOT NULL DEFAULT 'not-asked'"};
}

/// How the customer logs in over SSH, and which end of a lease was announced.
Statements guest_wishes() {
  return {"ALTER TABLE rescue_requests ADD COLUMN auth TEXT NOT NULL DEFAULT 'password'",
          "ALTER TABLE leases ADD COLUMN announced_end_ms BIGINT NOT NULL DEFAULT 0"};
}

/// The queue of mails and other messages about rescues, one row for each receiver.
Statements delivery_queue() {
  const auto deliveries = fmt::format(R"sql(
    CREATE TABLE deliveries (
      id {},
      server TEXT NOT NULL REFERENCES servers (name),
      session TEXT NOT NULL,
      kind TEXT NOT NULL,
      receiver TEXT NOT NULL,
      receiver_kind TEXT NOT NULL,
      address TEXT NOT NULL,
      language TEXT NOT NULL,
      tag TEXT NOT NULL,
      repeat_key TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL,
      due_ms BIGINT NOT NULL,
      claimed_by TEXT NOT NULL,
      claimed_until_ms BIGINT NOT NULL,
      attempts INTEGER NOT NULL,
      state TEXT NOT NULL,
      result TEXT NOT NULL,
      ended_ms BIGINT,
      box TEXT NOT NULL))sql",
                                      dialect::numbered_key);
  return {deliveries,
          "CREATE UNIQUE INDEX deliveries_by_tag ON deliveries (tag)",
          "CREATE UNIQUE INDEX deliveries_by_repeat_key ON deliveries (repeat_key)",
          "CREATE INDEX deliveries_of_server ON deliveries (server, id)",
          "CREATE INDEX deliveries_of_session ON deliveries (session, id)",
          "CREATE INDEX deliveries_due ON deliveries (due_ms) WHERE state = 'waiting'",
          "CREATE INDEX deliveries_by_kind ON deliveries (kind, created_ms)",
          "CREATE INDEX deliveries_by_end ON deliveries (ended_ms)"};
}

/// Passes that open a console in a browser once, and the consoles that were opened.
Statements consoles() {
  const auto passes = fmt::format(R"sql(
    CREATE TABLE console_passes (
      id {},
      hash TEXT NOT NULL,
      server TEXT NOT NULL REFERENCES servers (name),
      session TEXT NOT NULL,
      role TEXT NOT NULL,
      made_by TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL,
      used_ms BIGINT,
      revoked_ms BIGINT,
      revoked_by TEXT NOT NULL))sql",
                                  dialect::numbered_key);
  const auto viewers = fmt::format(R"sql(
    CREATE TABLE console_viewers (
      id {},
      pass BIGINT NOT NULL REFERENCES console_passes (id),
      server TEXT NOT NULL,
      session TEXT NOT NULL,
      role TEXT NOT NULL,
      label TEXT NOT NULL,
      address TEXT NOT NULL,
      relay_url TEXT NOT NULL,
      connection INTEGER NOT NULL,
      resume_hash TEXT NOT NULL,
      resume_before TEXT NOT NULL,
      since_ms BIGINT NOT NULL,
      seen_ms BIGINT NOT NULL,
      broken_ms BIGINT,
      ended_ms BIGINT,
      end_reason TEXT NOT NULL))sql",
                                   dialect::numbered_key);
  return {passes,
          "CREATE UNIQUE INDEX console_passes_by_hash ON console_passes (hash)",
          "CREATE INDEX console_passes_of_server ON console_passes (server, id)",
          "CREATE INDEX console_passes_by_end ON console_passes (expires_ms)",
          viewers,
          "CREATE UNIQUE INDEX console_viewers_of_pass ON console_viewers (pass)",
          "CREATE UNIQUE INDEX console_viewers_by_resume ON console_viewers (resume_hash)",
          "CREATE INDEX console_viewers_by_resume_before ON console_viewers (resume_before)",
          "CREATE INDEX console_viewers_open ON console_viewers (session) WHERE ended_ms IS NULL"};
}

/// How a helpdesk's ticket is to be opened, as JSON; empty: nothing is to be opened.
Statements ticket_orders() {
  return {"ALTER TABLE tasks ADD COLUMN ticket TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE sessions ADD COLUMN command_ticket TEXT NOT NULL DEFAULT ''"};
}

constexpr std::array<SchemaStep, 22> steps{&servers_leases_tokens,
                                           &host_agents,
                                           &bmcs_tasks,
                                           &redfish_bmcs,
                                           &api_tokens,
                                           &audit_and_requests,
                                           &events,
                                           &server_identity,
                                           &rescue_wishes,
                                           &task_claims,
                                           &finish_changes,
                                           &leases_without_agents,
                                           &server_identity_rights,
                                           &rows_by_age,
                                           &tasks_that_end,
                                           &serials_in_either_case,
                                           &secret_links,
                                           &links_of_rescues,
                                           &guest_wishes,
                                           &delivery_queue,
                                           &consoles,
                                           &ticket_orders};

}  // namespace

std::span<const SchemaStep> schema_steps() noexcept { return steps; }

}  // namespace rescue::netboot
