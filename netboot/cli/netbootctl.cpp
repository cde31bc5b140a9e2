// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/netbootctl.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "netboot/cli/audit_command.hpp"
#include "netboot/cli/commands.hpp"
#include "netboot/cli/event_commands.hpp"
#include "netboot/cli/operation_commands.hpp"
#include "netboot/cli/rescue_commands.hpp"
#include "netboot/cli/secret_commands.hpp"
#include "netboot/cli/table.hpp"
#include "netboot/cli/token_commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <functional>
#include <sstream>
#include <string>

namespace rescue::netboot::cli {
namespace {

/// Clients of the API that the commands use.
struct Session {
  Commands commands;
  RescueCommands rescue;
  TokenCommands tokens;
  SecretCommands secrets;
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
  RescueEnd end;
  CredentialsOrder credentials;
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
  std::string secret_id;  ///< or a server
};

using Command = std::string (*)(Commands&, const Options&);
using TokenCommand = std::string (*)(TokenCommands&, const Options&);
using RescueCommand = std::string (*)(RescueCommands&, const Options&);

CLI::App* add_command(CLI::App& group, Options& options, const char* name, const char* description, const char* example,
                      Command command) {
  auto* const added = group.add_subcommand(name, description);
  added->footer(std::string("Example:\n  ") + example);
  added->callback([&options, command] {
    options.command = [&options, command](Session& session) { return command(session.commands, options); };
  });
  return added;
}

CLI::App* add_rescue_command(CLI::App& group, Options& options, const char* name, const char* description,
                             const char* example, RescueCommand command) {
  auto* const added = group.add_subcommand(name, description);
  added->footer(std::string("Example:\n  ") + example);
  added->callback([&options, command] {
    options.command = [&options, command](Session& session) { return command(session.rescue, options); };
  });
  return added;
}

CLI::App* add_token_command(CLI::App& group, Options& options, const char* name, const char* description,
                            const char* example, TokenCommand command) {
  auto* const added = group.add_subcommand(name, description);
  added->footer(std::string("Example:\n  ") + example);
  added->callback([&options, command] {
    options.command = [&options, command](Session& session) { return command(session.tokens, options); };
  });
  return added;
}

CLI::App* add_group(CLI::App& app, const char* name, const char* description, const char* example) {
  auto* const group = app.add_subcommand(name, description);
  group->footer(std::string("Example:\n  ") + example);
  group->require_subcommand(1);
  return group;
}

void add_bmc_options(CLI::App& command, NewBmc& bmc, bool required) {
  auto* const address = command.add_option("--bmc-address", bmc.address, "Address of the server's BMC, for IPMI");
  auto* const url = command.add_option("--bmc-url", bmc.url, "URL of its Redfish service: https://192.0.2.20");
  command.add_option("--bmc-kind", bmc.kind, "ipmi or redfish (default: redfish with --bmc-url, else ipmi)")
      ->check(CLI::IsMember({"ipmi", "redfish"}));
  command.add_option("--bmc-fingerprint", bmc.fingerprint, "SHA-256 of the only certificate to trust; see bmc-check")
      ->needs(url);
  command.add_option("--bmc-ca-file", bmc.ca_file, "CA certificates (PEM) to verify its certificate with")->needs(url);
  command.add_option("--bmc-system", bmc.system, "Id of the computer system, if the BMC has several")->needs(url);
  auto* const user = command.add_option("--bmc-user", bmc.user, "User of the BMC; needs the right to switch power");
  auto* const password =
      command.add_option("--bmc-password-file", bmc.password_file, "File with the password, readable by you alone");
  command.add_option("--bmc-port", bmc.port, "UDP port (default 623)")->check(CLI::Range(1, 65535))->needs(address);
  command
      .add_option("--bmc-cipher-suite", bmc.cipher_suite,
                  "Cipher suite of IPMI 2.0 (default 3; prefer 17 if the BMC has it)")
      ->check(CLI::Range(1, 17))
      ->needs(address);
  address->needs(user)->needs(password)->excludes(url);
  url->needs(user)->needs(password);
  user->required(required)->needs(password);
  password->required(required)->needs(user);
}

/// Options that `server add` and `server edit` share.
void add_server_members(CLI::App& command, NewServer& server) {
  command.add_option("--firmware", server.firmware, "bios or uefi (default uefi)");
  command.add_option("--address", server.address, "The server's own IP address");
  command.add_option("--loader", server.loader, R"(EFI loader on its disk: \EFI\Microsoft\Boot\bootmgfw.efi)");
  command.add_option("--uuid", server.uuid, "System UUID, as dmidecode -s system-uuid prints it");
  command.add_option("--serial", server.serial, "Serial number, as dmidecode -s system-serial-number prints it");
  command.add_option("--tag", server.tags, "Tag to find it by: rack-12; repeat for several");
  command.add_option("--notes", server.notes, "Notes for operators");
}

void add_server_edit(CLI::App& group, Options& options) {
  auto* const edit =
      add_command(group, options, "edit", "Change a server; what is not given stays as it is",
                  "netbootctl server edit web-01 --address 203.0.113.8 --tag rack-12 --clear notes",
                  [](Commands& commands, const Options& given) { return commands.server_edit(given.server); });
  edit->add_option("NAME", options.server.name, "The server's name")->required();
  edit->add_option("--mac", options.server.macs, "MAC address of a network card; repeat for each; replaces all");
  add_server_members(*edit, options.server);
  edit->add_option("--clear", options.server.cleared, "Clear this: address, loader, uuid, serial, tags or notes")
      ->check(CLI::IsMember({"address", "loader", "uuid", "serial", "tags", "notes"}));
  edit->add_flag("--force", options.server.force,
                 "Also during a rescue session; its host agent at the old address is refused then");
}

void add_server_list(CLI::App& group, Options& options) {
  auto* const list = add_command(
      group, options, "list", "List servers, sorted by name", "netbootctl server list --tag rack-12 --search 52:54",
      [](Commands& commands, const Options& given) { return commands.server_list(given.filter); });
  list->add_option("--search", options.filter.text,
                   "Only servers with this in name, MAC or IP address, serial number, UUID or tag");
  list->add_option("--tag", options.filter.tag, "Only servers with this tag");
  list->add_option("--mode", options.filter.mode, "Only servers in this boot mode");
  list->add_option("--limit", options.filter.limit, "Maximum number of servers (default: all)");
}

void add_server_import(CLI::App& group, Options& options) {
  auto* const command =
      add_command(group, options, "import", "Add all servers of a file, or none if one is wrong",
                  "netbootctl server import fleet.csv --dry-run",
                  [](Commands& commands, const Options& given) { return commands.server_import(given.file); });
  command->add_option("FILE", options.file.path, "File of servers: .csv, .json, .yaml or .yml")->required();
  command->add_flag("--update", options.file.update, "Also change servers that exist already");
  command->add_flag("--dry-run", options.file.dry_run, "Only report errors; write nothing");
}

void add_server_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "server", "The servers that netbootd knows", "netbootctl server list");
  auto* const add =
      add_command(*group, options, "add", "Add a server",
                  "netbootctl server add web-01 --mac 52:54:00:12:34:56 --firmware uefi --address 203.0.113.7",
                  [](Commands& commands, const Options& given) { return commands.server_add(given.server); });
  add->add_option("--mac", options.server.macs, "MAC address of a network card, in any spelling; repeat for each")
      ->required();
  add_server_members(*add, options.server);
  add_server_edit(*group, options);
  add_bmc_options(*add, options.server.bmc, false);
  auto* const bmc = add_command(
      *group, options, "bmc", "Set the BMC of a server",
      "netbootctl server bmc web-01 --bmc-address 192.0.2.20 --bmc-user rescue --bmc-password-file bmc.password",
      [](Commands& commands, const Options& given) { return commands.server_bmc(given.server); });
  add_bmc_options(*bmc, options.server.bmc, true);
  bmc->add_flag("--force", options.server.force, "Also while a task uses the BMC");
  auto* const check =
      add_command(*group, options, "bmc-check", "Log in to a server's BMC and report what it is; changes nothing",
                  "netbootctl server bmc-check web-01", [](Commands& commands, const Options& given) {
                    return commands.server_bmc_check(given.server.name);
                  });
  add_server_list(*group, options);
  add_server_import(*group, options);
  auto* const show =
      add_command(*group, options, "show", "Show a server", "netbootctl server show web-01",
                  [](Commands& commands, const Options& given) { return commands.server_show(given.server.name); });
  auto* const remove = add_command(
      *group, options, "remove", "Remove a server", "netbootctl server remove web-01",
      [](Commands& commands, const Options& given) { return commands.server_remove(given.server.name, given.force); });
  auto* const token = add_command(
      *group, options, "agent-token", "Create a new token for a server's host agent; revokes the old one",
      "netbootctl server agent-token web-01 --output web-01.token", [](Commands& commands, const Options& given) {
        return commands.server_agent_token(given.server.name, given.output);
      });
  token->add_option("--output", options.output, "File for the token, created with mode 0600")->required();
  remove->add_flag("--force", options.force, "Also during a rescue session, which continues without netbootd");
  auto* const revoke =
      add_command(*group, options, "revoke-agent",
                  "Revoke all tokens of a server: its host agent's, its boots' and its session's; ends the session",
                  "netbootctl server revoke-agent web-01", [](Commands& commands, const Options& given) {
                    return commands.server_revoke_agent(given.server.name);
                  });
  for (auto* const command : {add, bmc, check, show, remove, token, revoke}) {
    command->add_option("NAME", options.server.name, "The server's name")->required();
  }
}

void add_boot_mode_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "boot-mode", "Boot mode of a server", "netbootctl boot-mode show web-01");
  add_command(app, options, "boot-modes", "List the boot modes", "netbootctl boot-modes",
              [](Commands& commands, const Options&) { return commands.boot_modes(); });
  auto* const show = add_command(
      *group, options, "show", "Show what a server boots, and its lease", "netbootctl boot-mode show web-01",
      [](Commands& commands, const Options& given) { return commands.boot_mode_show(given.boot_mode.server); });
  auto* const set =
      add_command(*group, options, "set", "Set what a server boots; a rescue mode ends with its lease",
                  "netbootctl boot-mode set web-01 rescue-windows --ttl 4h --reason 'locked out, ticket 4711'",
                  [](Commands& commands, const Options& given) { return commands.boot_mode_set(given.boot_mode); });
  for (auto* const command : {show, set}) {
    command->add_option("NAME", options.boot_mode.server, "The server's name")->required();
  }
  set->add_option("MODE", options.boot_mode.mode, "disk, rescue-windows, or another that 'netbootctl boot-modes' lists")
      ->required();
  set->add_option("--policy", options.boot_mode.policy, "until-finished (default) or once");
  set->add_option("--ttl", options.boot_mode.ttl, "Duration of the lease: 30m, 4h");
  set->add_option("--reason", options.boot_mode.reason, "Reason, shown with the lease");
  set->add_flag("--force", options.boot_mode.force, "Also during a rescue session, which continues without a lease");
}

void add_rescue_start(CLI::App& group, Options& options) {
  auto& rescue = options.rescue;
  auto* const start =
      add_rescue_command(group, options, "start", "Boot a server into a rescue session",
                         "netbootctl rescue start web-01 --generate-key web-01.key --reason 'ticket 4711' --wait",
                         [](RescueCommands& commands, const Options& given) { return commands.start(given.rescue); });
  start->add_option("NAME", rescue.server, "The server's name")->required();
  auto* const key =
      start->add_option("--public-key", rescue.public_key_file, "File with the public key to seal the credentials to");
  start->add_option("--generate-key", rescue.new_key_file, "Create a key pair first: FILE and FILE.pub")->excludes(key);
  start->add_option("--policy", rescue.policy, "until-finished (default) or once");
  start->add_option("--ttl", rescue.ttl, "Duration of the lease: 30m, 4h");
  start->add_option("--reason", rescue.reason, "Reason, shown with the lease");
  start->add_option("--on-shutdown", rescue.on_shutdown, "When the guest shuts down: restart (default), finish, keep");
  start->add_option("--disk-mode", rescue.disk_mode, "rw (default), ro or overlay");
  start->add_option("--then", rescue.then, "After the session: reboot (default), poweroff or stay");
  start->add_option("--image", rescue.image, "The rescue image (default: default)");
  start->add_option("--power", rescue.power, "cycle (default if there is a BMC), or none: you reset the server");
  auto* const notify = start->add_option("--notify", rescue.notify, "Mail address to notify of the session");
  start->add_option("--language", rescue.language, "Language of that mail (default en)")->needs(notify);
  start->add_option("--keyboard", rescue.keyboard, "Keyboard layout of the guest's console: de, en-us");
  start->add_option("--ssh-key", rescue.ssh_key_files, "File with an SSH public key; repeat for several");
  start->add_flag("--wait", rescue.wait, "Wait until the session serves or fails");
}

void add_rescue_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "rescue", "Rescue session of a server", "netbootctl rescue show web-01");
  add_rescue_start(*group, options);
  auto* const show = add_rescue_command(
      *group, options, "show", "Show the session and how to connect", "netbootctl rescue show web-01",
      [](RescueCommands& commands, const Options& given) { return commands.show(given.rescue.server); });
  show->add_option("NAME", options.rescue.server, "The server's name")->required();
  auto* const finish =
      add_rescue_command(*group, options, "finish", "End the session; the server boots its disk again",
                         "netbootctl rescue finish web-01 --then reboot --wait",
                         [](RescueCommands& commands, const Options& given) { return commands.finish(given.end); });
  finish->add_option("NAME", options.end.server, "The server's name")->required();
  finish->add_option("--then", options.end.then, "reboot, poweroff or stay (default: as 'rescue start' said)");
  finish->add_option("--changes", options.end.changes,
                     "Keep or discard what the guest wrote to the disks: keep (default) or discard");
  finish->add_flag("--force", options.end.force,
                   "Power-cycle a host that is silent or does not obey, even if a VM runs");
  finish->add_flag("--wait", options.end.wait, "Wait until the task has ended");
  auto* const credentials = add_rescue_command(
      *group, options, "credentials", "Collect the credentials; possible only once",
      "netbootctl rescue credentials web-01 --secret-key web-01.key --output web-01.credentials",
      [](RescueCommands& commands, const Options& given) { return commands.credentials(given.credentials); });
  credentials->add_option("NAME", options.credentials.server, "The server's name")->required();
  credentials
      ->add_option("--secret-key", options.credentials.secret_key_file,
                   "File with the secret key that fits the request's public key")
      ->required();
  credentials->add_option("--output", options.credentials.output,
                          "New file for them, mode 0600 (default: the terminal)");
}

void add_task_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "task", "Tasks of netbootd", "netbootctl task list web-01");
  auto* const show = add_rescue_command(
      *group, options, "show", "Show a task with its steps", "netbootctl task show t-7 --wait",
      [](RescueCommands& commands, const Options& given) { return commands.task_show(given.task, given.wait); });
  show->add_option("ID", options.task, "The task: t-7")->required();
  show->add_flag("--wait", options.wait, "Wait until the task has ended");
  auto* const list = add_rescue_command(
      *group, options, "list", "List tasks, latest first", "netbootctl task list web-01",
      [](RescueCommands& commands, const Options& given) { return commands.task_list(given.tasks); });
  list->add_option("NAME", options.tasks.server, "The server's name (default: all servers)");
  list->add_option("--kind", options.tasks.kind, "Only this kind: rescue, finish or power");
  list->add_option("--state", options.tasks.state,
                   "Only in this state: queued, running, succeeded, failed or cancelled");
  list->add_option("--limit", options.tasks.limit, "Maximum number of tasks, 1 to 1000 (default 100)");
  auto* const cancel = add_rescue_command(
      *group, options, "cancel", "Cancel a task that has not yet acted on the server", "netbootctl task cancel t-7",
      [](RescueCommands& commands, const Options& given) { return commands.task_cancel(given.task); });
  cancel->add_option("ID", options.task, "The task: t-7")->required();
}

void add_power_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "power", "Power of a server, through its BMC", "netbootctl power show web-01");
  auto* const show = add_rescue_command(
      *group, options, "show", "Ask the BMC whether the server is on", "netbootctl power show web-01",
      [](RescueCommands& commands, const Options& given) { return commands.power_show(given.power.server); });
  auto* const set = add_rescue_command(
      *group, options, "set", "Switch the power and check that it worked", "netbootctl power set web-01 cycle --wait",
      [](RescueCommands& commands, const Options& given) { return commands.power_set(given.power); });
  auto* const device =
      add_command(*group, options, "boot-device", "Set or clear the boot device override of the BMC",
                  "netbootctl power boot-device web-01 pxe", [](Commands& commands, const Options& given) {
                    return commands.boot_device_set(given.power.server, given.power.boot_device, given.lasting);
                  });
  for (auto* const command : {show, set, device}) {
    command->add_option("NAME", options.power.server, "The server's name")->required();
  }
  device->add_option("DEVICE", options.power.boot_device, "pxe, disk, or none: the firmware's boot order")->required();
  device->add_flag("--lasting", options.lasting, "For every boot from now on (default: the next one only)");
  set->add_option("ACTION", options.power.action, "on, off, cycle, reset, shutdown or restart")->required();
  set->add_option("--boot-device", options.power.boot_device, "For the next boot only: none (default), pxe or disk");
  set->add_flag("--force", options.power.force, "Also during a live rescue session: the customer's VM loses power");
  set->add_flag("--wait", options.power.wait, "Wait until the task has ended");
}

void add_token_commands(CLI::App& app, Options& options) {
  auto& token = options.token;
  auto* const group = add_group(app, "token", "Tokens of the API", "netbootctl token list");
  auto* const create =
      add_token_command(*group, options, "create", "Create a token and write it to a file",
                        "netbootctl token create panel-eu --role panel --days 90 --output panel-eu.token",
                        [](TokenCommands& commands, const Options& given) { return commands.create(given.token); });
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
  add_token_command(*group, options, "list", "List all tokens and when they were last used", "netbootctl token list",
                    [](TokenCommands& commands, const Options&) { return commands.list(); });
  auto* const revoke = add_token_command(
      *group, options, "revoke", "Revoke a token", "netbootctl token revoke panel-eu",
      [](TokenCommands& commands, const Options& given) { return commands.revoke(given.token.name); });
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
                     "Only these kinds: server, task, session, secret; separated by commas");
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

void add_secret_open(CLI::App& group, Options& options) {
  auto* const open = group.add_subcommand("open", "Open a one-time link; possible only once");
  open->footer("Example:\n"
               "  netbootctl secret open --output web-01.secret   (then paste the link)\n"
               "  netbootctl secret open --show - < link.txt");
  open->add_option(
      "LINK", options.secret.link,
      "The whole link; other users of this machine can see it (default -: ask on the terminal, or read the "
      "first line of standard input, whose second line is the code)");
  open->add_option("--code", options.secret.code,
                   "The code; other users of this machine can see it (default: ask on the terminal)");
  open->add_option("--output", options.secret.output, "New file for the secret, mode 0600 (default: standard output)");
  open->add_flag("--show", options.secret.show, "Print the secret even if standard output is a terminal");
  open->callback([&options] {
    options.without_token = [&options](std::FILE* out) {
      return open_secret(options.secret, options.connection, options.json, out, SystemClock());
    };
  });
}

void add_secret_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "secret", "One-time links of secrets", "netbootctl secret list web-01");
  add_secret_open(*group, options);
  const auto add = [&](const char* name, const char* description, const char* example, const char* operand,
                       const char* meaning, std::string (SecretCommands::*command)(const std::string&)) {
    auto* const added = group->add_subcommand(name, description);
    added->footer(std::string("Example:\n  ") + example);
    added->add_option(operand, options.secret_id, meaning)->required();
    added->callback([&options, command] {
      options.command = [&options, command](Session& session) { return (session.secrets.*command)(options.secret_id); };
    });
  };
  add("list", "List the secrets of a server and what became of them, latest first", "netbootctl secret list web-01",
      "NAME", "The server's name", &SecretCommands::list);
  add("show", "Show a secret's state and everybody who came for it", "netbootctl secret show o-7", "ID",
      "The secret: o-7", &SecretCommands::show);
  add("revoke", "Revoke a link that was not revealed yet, and wipe its secret", "netbootctl secret revoke o-7", "ID",
      "The secret: o-7", &SecretCommands::revoke);
}

void add_keygen(CLI::App& app, Options& options) {
  auto* const keygen = app.add_subcommand("keygen", "Create a key pair for sealed credentials");
  keygen->footer("Example:\n  netbootctl keygen web-01.key");
  keygen->add_option("FILE", options.key_file, "New file for the secret key; the public key goes to FILE.pub")
      ->required();
  keygen->callback([&options] {
    options.without_token = [&options](std::FILE*) { return make_key_pair(options.key_file, options.json); };
  });
}

void describe(CLI::App& app, Options& options) {
  options.connection.base_url = "http://127.0.0.1:8470";
  options.connection.time_limit = Milliseconds(60'000);  // netbootd may have to wait for a BMC
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", "netbootctl " RESCUE_VERSION);
  app.add_option("--url", options.connection.base_url, "URL of netbootd")
      ->envname("NETBOOT_URL")
      ->capture_default_str();
  app.add_option("--token-file", options.token_file, "File with the API token")->envname("NETBOOT_TOKEN_FILE");
  app.add_option("--ca-file", options.connection.ca_file, "CA certificates for https")->envname("NETBOOT_CA_FILE");
  app.add_flag("--json", options.json, "Print results as JSON");
  app.footer("Example:\n"
             "  netbootctl --url http://192.0.2.10:8470 --token-file admin.token boot-mode show web-01\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 a precondition is not met, 4 timeout.");
  add_server_commands(app, options);
  add_boot_mode_commands(app, options);
  add_rescue_commands(app, options);
  add_task_commands(app, options);
  add_power_commands(app, options);
  add_token_commands(app, options);
  add_secret_commands(app, options);
  add_audit(app, options);
  add_events(app, options);
  add_log_level(app, options);
  add_keygen(app, options);
}

int report(std::FILE* err, const ErrorReport& what) {
  fmt::print(err, "error: {}\n", shown(what.one_line()));
  if (!what.hint.empty()) fmt::print(err, " hint: {}\n", shown(what.hint));
  return exit_code_of(what.code);
}

/// --help and --version are parse "errors" too, with exit code 0.
int end_of_parsing(const CLI::App& app, const CLI::ParseError& error, std::FILE* out, std::FILE* err) {
  if (error.get_exit_code() == 0) {
    std::ostringstream text;
    (void)app.exit(error, text, text);
    fmt::print(out, "{}", text.str());
    return 0;
  }
  ErrorReport what;
  what.code = ErrorCode::usage;
  what.message = error.what();
  what.hint = "See 'netbootctl --help' and 'netbootctl COMMAND --help'.";
  return report(err, what);
}

Secret token_of(const Options& options) {
  if (!options.token_file.empty()) return read_secret_file(options.token_file);
  throw Error(ErrorCode::usage, "netbootd's API needs a token",
              "Name its file by --token-file or NETBOOT_TOKEN_FILE; 'netbootd --init-admin-token FILE' creates one.");
}

/// Prints a command's result. Throws `io` if not all of it is out.
void print_result(std::FILE* out, const std::string& text) {
  const bool is_out = std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
  if (!is_out || std::ferror(out) != 0) {
    throw system_error("the command is done, and its result could not be printed", errno);
  }
}

}  // namespace

int run(int argc, const char* const* argv, std::FILE* out, std::FILE* err) {
  Options options;
  CLI::App app("Sets what servers boot, and rescues them, through netbootd.", "netbootctl");
  try {
    describe(app, options);
    app.parse(argc, argv);
    if (options.without_token) {
      print_result(out, options.without_token(out));
      return 0;
    }
    constexpr Milliseconds for_a_fleet{300'000};
    if (!options.file.path.empty()) options.connection.time_limit = for_a_fleet;
    http::Client client(options.connection, token_of(options));
    SystemClock clock;
    Session session{Commands(client, options.json),
                    RescueCommands(client, options.json, out, err, clock),
                    TokenCommands(client, options.json, clock),
                    SecretCommands(client, options.json),
                    EventCommands(client, options.json, out, clock),
                    client};
    print_result(out, options.command(session));
    return 0;
  } catch (const CLI::ParseError& error) {
    return end_of_parsing(app, error, out, err);
  } catch (const std::exception& error) {
    return report(err, report_of(error));
  }
}

}  // namespace rescue::netboot::cli
