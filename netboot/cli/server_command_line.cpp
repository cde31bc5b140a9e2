// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands of netbootctl about servers and their boot modes.
#include "netboot/cli/command_line.hpp"

#include <string>

namespace rescue::netboot::cli {
namespace {

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
  auto* const edit = add_command_of(
      &Session::commands, group, options, "edit", "Change a server; what is not given stays as it is",
      "netbootctl server edit web-01 --address 203.0.113.8 --tag rack-12 --clear notes",
      +[](Commands& commands, const Options& given) { return commands.server_edit(given.server); });
  edit->add_option("NAME", options.server.name, "The server's name")->required();
  edit->add_option("--mac", options.server.macs, "MAC address of a network card; repeat for each; replaces all");
  add_server_members(*edit, options.server);
  edit->add_option("--clear", options.server.cleared, "Clear this: address, loader, uuid, serial, tags or notes")
      ->check(CLI::IsMember({"address", "loader", "uuid", "serial", "tags", "notes"}));
  edit->add_flag("--force", options.server.force,
                 "Also during a rescue session; its host agent at the old address is refused then");
}

void add_server_list(CLI::App& group, Options& options) {
  auto* const list = add_command_of(
      &Session::commands, group, options, "list", "List servers, sorted by name",
      "netbootctl server list --tag rack-12 --search 52:54",
      +[](Commands& commands, const Options& given) { return commands.server_list(given.filter); });
  list->add_option("--search", options.filter.text,
                   "Only servers with this in name, MAC or IP address, serial number, UUID or tag");
  list->add_option("--tag", options.filter.tag, "Only servers with this tag");
  list->add_option("--mode", options.filter.mode, "Only servers in this boot mode");
  list->add_option("--limit", options.filter.limit, "Maximum number of servers (default: all)");
}

void add_server_import(CLI::App& group, Options& options) {
  auto* const command = add_command_of(
      &Session::commands, group, options, "import", "Add all servers of a file, or none if one is wrong",
      "netbootctl server import fleet.csv --dry-run",
      +[](Commands& commands, const Options& given) { return commands.server_import(given.file); });
  command->add_option("FILE", options.file.path, "File of servers: .csv, .json, .yaml or .yml")->required();
  command->add_flag("--update", options.file.update, "Also change servers that exist already");
  command->add_flag("--dry-run", options.file.dry_run, "Only report errors; write nothing");
}

}  // namespace

void add_server_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "server", "The servers that netbootd knows", "netbootctl server list");
  auto* const add = add_command_of(
      &Session::commands, *group, options, "add", "Add a server",
      "netbootctl server add web-01 --mac 52:54:00:12:34:56 --firmware uefi --address 203.0.113.7",
      +[](Commands& commands, const Options& given) { return commands.server_add(given.server); });
  add->add_option("--mac", options.server.macs, "MAC address of a network card, in any spelling; repeat for each")
      ->required();
  add_server_members(*add, options.server);
  add_server_edit(*group, options);
  add_bmc_options(*add, options.server.bmc, false);
  auto* const bmc = add_command_of(
      &Session::commands, *group, options, "bmc", "Set the BMC of a server",
      "netbootctl server bmc web-01 --bmc-address 192.0.2.20 --bmc-user rescue --bmc-password-file bmc.password",
      +[](Commands& commands, const Options& given) { return commands.server_bmc(given.server); });
  add_bmc_options(*bmc, options.server.bmc, true);
  bmc->add_flag("--force", options.server.force, "Also while a task uses the BMC");
  auto* const check = add_command_of(
      &Session::commands, *group, options, "bmc-check",
      "Log in to a server's BMC and report what it is; changes nothing", "netbootctl server bmc-check web-01",
      +[](Commands& commands, const Options& given) { return commands.server_bmc_check(given.server.name); });
  add_server_list(*group, options);
  add_server_import(*group, options);
  auto* const show = add_command_of(
      &Session::commands, *group, options, "show", "Show a server", "netbootctl server show web-01",
      +[](Commands& commands, const Options& given) { return commands.server_show(given.server.name); });
  auto* const remove = add_command_of(
      &Session::commands, *group, options, "remove", "Remove a server", "netbootctl server remove web-01",
      +[](Commands& commands, const Options& given) { return commands.server_remove(given.server.name, given.force); });
  auto* const token = add_command_of(
      &Session::commands, *group, options, "agent-token",
      "Create a new token for a server's host agent; revokes the old one",
      "netbootctl server agent-token web-01 --output web-01.token", +[](Commands& commands, const Options& given) {
        return commands.server_agent_token(given.server.name, given.output);
      });
  token->add_option("--output", options.output, "File for the token, created with mode 0600")->required();
  remove->add_flag("--force", options.force, "Also during a rescue session, which continues without netbootd");
  auto* const revoke = add_command_of(
      &Session::commands, *group, options, "revoke-agent",
      "Revoke all tokens of a server: its host agent's, its boots' and its session's; ends the session",
      "netbootctl server revoke-agent web-01",
      +[](Commands& commands, const Options& given) { return commands.server_revoke_agent(given.server.name); });
  for (auto* const command : {add, bmc, check, show, remove, token, revoke}) {
    command->add_option("NAME", options.server.name, "The server's name")->required();
  }
}

void add_boot_mode_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "boot-mode", "Boot mode of a server", "netbootctl boot-mode show web-01");
  add_command_of(
      &Session::commands, app, options, "boot-modes", "List the boot modes", "netbootctl boot-modes",
      +[](Commands& commands, const Options&) { return commands.boot_modes(); });
  auto* const show = add_command_of(
      &Session::commands, *group, options, "show", "Show what a server boots, and its lease",
      "netbootctl boot-mode show web-01",
      +[](Commands& commands, const Options& given) { return commands.boot_mode_show(given.boot_mode.server); });
  auto* const set = add_command_of(
      &Session::commands, *group, options, "set", "Set what a server boots; a rescue mode ends with its lease",
      "netbootctl boot-mode set web-01 rescue-windows --ttl 4h --reason 'locked out, ticket 4711'",
      +[](Commands& commands, const Options& given) { return commands.boot_mode_set(given.boot_mode); });
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

}  // namespace rescue::netboot::cli
