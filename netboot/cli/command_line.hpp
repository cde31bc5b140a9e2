// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Describes netbootctl's command line: what the commands get, and the groups of commands, a file each.

#include "netboot/cli/audit_command.hpp"
#include "netboot/cli/commands.hpp"
#include "netboot/cli/console_commands.hpp"
#include "netboot/cli/delivery_commands.hpp"
#include "netboot/cli/event_commands.hpp"
#include "netboot/cli/operation_commands.hpp"
#include "netboot/cli/rescue_commands.hpp"
#include "netboot/cli/secret_commands.hpp"
#include "netboot/cli/ticket_commands.hpp"
#include "netboot/cli/token_commands.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace rescue::netboot::cli {

/// Clients of the API that the commands use.
struct Session {
  Commands commands;
  RescueCommands rescue;
  TokenCommands tokens;
  SecretCommands secrets;
  DeliveryCommands deliveries;
  ConsoleCommands consoles;
  TicketCommands tickets;
  EventCommands events;
  http::Client& client;
};

struct Options {
  http::ClientOptions connection;
  std::string token_file;
  bool json = false;
  NewServer server;
  ServerFilter filter;
  ServerFile file;
  NewBootMode boot_mode;
  std::string output;
  NewRescue rescue;
  RescueExtension extension;
  RescueEnd end;
  CredentialsOrder credentials;
  CodeOrder code;
  PowerChange power;
  bool force = false;  ///< for server remove
  NewTokenOrder token;
  AuditFilter audit;
  EventOrder events;
  std::string log_level;
  std::string task;
  TaskFilter tasks;
  std::string key_file;
  bool wait = false;
  bool lasting = false;
  std::function<std::string(Session&)> command;              ///< the command that was given
  std::function<std::string(std::FILE* out)> without_token;  ///< a command that needs no token, in place of it
  SecretOrder secret;
  ConsoleOrder console;
  TicketOptions ticket;
  std::string delivery_id;  ///< or a server
  std::string secret_id;    ///< or a server
};

/// Adds a command that calls `command` with a client of the session and with what was given.
template <class Client>
CLI::App* add_command_of(Client Session::*client, CLI::App& group, Options& options, const char* name,
                         const char* description, const char* example,
                         std::string (*command)(Client&, const Options&)) {
  auto* const added = group.add_subcommand(name, description);
  added->footer(std::string("Example:\n  ") + example);
  added->callback([&options, client, command] {
    options.command = [&options, client, command](Session& session) { return command(session.*client, options); };
  });
  return added;
}

/// Adds a group of commands, of which one must be given.
inline CLI::App* add_group(CLI::App& app, const char* name, const char* description, const char* example) {
  auto* const group = app.add_subcommand(name, description);
  group->footer(std::string("Example:\n  ") + example);
  group->require_subcommand(1);
  return group;
}

void add_server_commands(CLI::App& app, Options& options);
void add_boot_mode_commands(CLI::App& app, Options& options);
void add_rescue_commands(CLI::App& app, Options& options);
void add_task_commands(CLI::App& app, Options& options);
void add_power_commands(CLI::App& app, Options& options);
void add_token_commands(CLI::App& app, Options& options);
void add_audit(CLI::App& app, Options& options);
void add_events(CLI::App& app, Options& options);
void add_log_level(CLI::App& app, Options& options);
void add_secret_commands(CLI::App& app, Options& options);
void add_delivery_commands(CLI::App& app, Options& options);
void add_console_commands(CLI::App& app, Options& options);
void add_ticket_commands(CLI::App& app, Options& options);
void add_keygen(CLI::App& app, Options& options);

}  // namespace rescue::netboot::cli
