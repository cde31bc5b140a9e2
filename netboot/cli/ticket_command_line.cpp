// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands of netbootctl about a helpdesk's ticket.
#include "netboot/cli/command_line.hpp"

#include <string>

namespace rescue::netboot::cli {

void add_ticket_commands(CLI::App& app, Options& options) {
  auto& ticket = options.ticket;
  auto* const group = add_group(app, "ticket", "Let a helpdesk see a rescue VM's console, with a ticket number",
                                "netbootctl ticket open web-01 --key web-01.key");
  auto* const open = add_command_of(
      &Session::tickets, *group, options, "open", "Open a ticket on the server's host",
      "netbootctl ticket open web-01 --key web-01.key",
      +[](TicketCommands& commands, const Options& given) { return commands.open(given.ticket); });
  open->add_flag("--view", ticket.view, "The helper only sees the screen (default: with keyboard and mouse)");
  open->add_flag("--no-message", ticket.no_message, "Do not ask the customer: the number alone lets a helper in");
  open->add_option("--port", ticket.port, "Port of the host's listeners (default: the host chooses)")
      ->check(CLI::Range(1, 65535));
  auto* const show = add_command_of(
      &Session::tickets, *group, options, "show", "Show the ticket, who asks to enter and who is in",
      "netbootctl ticket show web-01 --key web-01.key",
      +[](TicketCommands& commands, const Options& given) { return commands.show(given.ticket); });
  auto* const end = add_command_of(
      &Session::tickets, *group, options, "end", "End the ticket and every connection of it",
      "netbootctl ticket end web-01 --wait",
      +[](TicketCommands& commands, const Options& given) { return commands.end(given.ticket); });
  open->add_option("--key", ticket.secret_key_file,
                   "File with the secret key that fits the request's public key: wait, and print the number");
  show->add_option("--key", ticket.secret_key_file,
                   "File with the secret key that fits the request's public key: print the number");
  open->add_flag("--wait", ticket.wait, "Wait until the ticket is open, and show it");
  end->add_flag("--wait", ticket.wait, "Wait until the task has ended");
  for (auto* const command : {open, show, end}) {
    command->add_option("NAME", ticket.server, "The server's name")->required();
  }
}

}  // namespace rescue::netboot::cli
