// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands of netbootctl about tokens, the audit log, events and the log level.
#include "netboot/cli/command_line.hpp"

#include <string>

namespace rescue::netboot::cli {

void add_token_commands(CLI::App& app, Options& options) {
  auto& token = options.token;
  auto* const group = add_group(app, "token", "Tokens of the API", "netbootctl token list");
  auto* const create = add_command_of(
      &Session::tokens, *group, options, "create", "Create a token and write it to a file",
      "netbootctl token create panel-eu --role panel --days 90 --output panel-eu.token",
      +[](TokenCommands& commands, const Options& given) { return commands.create(given.token); });
  create->add_option("--role", token.role, "read-only, operator, panel or admin")->required();
  create->add_option("--server", token.servers, "Server that the token is bound to; repeat for several (default: all)");
  create->add_option("--tag", token.tags,
                     "Bind to servers that have this tag at the time of a request; repeat for several");
  create->add_flag("--identity", token.identity,
                   "For role panel: may add and remove servers, and change what identifies them");
  auto* const days =
      create->add_option("--days", token.days, "Days until it expires (default: never)")->check(CLI::Range(1, 3650));
  create->add_option("--expires-at", token.expires_at, "Time when it expires: 2027-01-01T00:00:00Z")->excludes(days);
  create->add_option("--output", token.output, "New file for the token, created with mode 0600")->required();
  add_command_of(
      &Session::tokens, *group, options, "list", "List all tokens and when they were last used",
      "netbootctl token list", +[](TokenCommands& commands, const Options&) { return commands.list(); });
  auto* const revoke = add_command_of(
      &Session::tokens, *group, options, "revoke", "Revoke a token", "netbootctl token revoke panel-eu",
      +[](TokenCommands& commands, const Options& given) { return commands.revoke(given.token.name); });
  create->add_option("NAME", token.name, "Name of the token in lists and the audit log: panel-eu")->required();
  revoke->add_option("NAME", token.name, "Name or number of the token: panel-eu, k-7")->required();
}

void add_audit(CLI::App& app, Options& options) {
  auto& filter = options.audit;
  auto* const command =
      app.add_subcommand("audit", "Show who changed what, latest first; with --json one entry per line");
  command->footer("Example:\n  netbootctl audit --server web-01 --since 2026-11-21T00:00:00Z");
  command->add_option("--server", filter.server, "Only changes of this server");
  command->add_option("--token", filter.token, "Only changes by this token: its name or number");
  command->add_option("--since", filter.since, "Only from this time on: 2026-11-21T00:00:00Z");
  command->add_option("--until", filter.until, "Only up to this time");
  command->add_option("--last", filter.last, "Maximum number of entries; 0: all")->capture_default_str();
  command->callback([&options] {
    options.command = [&options](Session& session) { return audit(session.client, options.audit, options.json); };
  });
}

void add_events(CLI::App& app, Options& options) {
  auto* const events = app.add_subcommand("events", "Show recent events, or follow new ones");
  events->footer("Example:\n  netbootctl events --follow --server web-01");
  events->add_option("--server", options.events.server, "Only events of this server");
  events->add_option("--kind", options.events.kind,
                     "Only these kinds: server, task, session, secret, delivery, lease-ends-soon; separated by commas");
  events->add_flag("--follow", options.events.follow, "Follow new events until interrupted");
  events->callback(
      [&options] { options.command = [&options](Session& session) { return session.events.events(options.events); }; });
}

void add_log_level(CLI::App& app, Options& options) {
  auto* const command = app.add_subcommand("log-level", "Show netbootd's log level, or change it until it restarts");
  command->footer("Example:\n  netbootctl log-level debug");
  command->add_option("LEVEL", options.log_level, "New level: debug, info, warning or error (default: only show it)");
  command->callback([&options] {
    options.command = [&options](Session& session) {
      return log_level(session.client, options.json, options.log_level);
    };
  });
}

}  // namespace rescue::netboot::cli
