// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Commands of netbootctl about one-time links, deliveries, consoles, and keys.
#include "netboot/cli/command_line.hpp"

#include <string>

namespace rescue::netboot::cli {
namespace {

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

}  // namespace

void add_secret_commands(CLI::App& app, Options& options) {
  auto* const group = add_group(app, "secret", "One-time links of secrets", "netbootctl secret list web-01");
  add_secret_open(*group, options);
  add_command_of(
      &Session::secrets, *group, options, "list", "List the secrets of a server and what became of them, latest first",
      "netbootctl secret list web-01",
      +[](SecretCommands& commands, const Options& given) { return commands.list(given.secret_id); })
      ->add_option("NAME", options.secret_id, "The server's name")
      ->required();
  auto* const show = add_command_of(
      &Session::secrets, *group, options, "show", "Show a secret's state and everybody who came for it",
      "netbootctl secret show o-7",
      +[](SecretCommands& commands, const Options& given) { return commands.show(given.secret_id); });
  auto* const revoke = add_command_of(
      &Session::secrets, *group, options, "revoke", "Revoke a link that was not revealed yet, and wipe its secret",
      "netbootctl secret revoke o-7",
      +[](SecretCommands& commands, const Options& given) { return commands.revoke(given.secret_id); });
  for (auto* const command : {show, revoke}) {
    command->add_option("ID", options.secret_id, "The secret: o-7")->required();
  }
}

void add_delivery_commands(CLI::App& app, Options& options) {
  auto* const group =
      add_group(app, "delivery", "Mails and other deliveries about rescues", "netbootctl delivery list web-01");
  add_command_of(
      &Session::deliveries, *group, options, "list", "List the deliveries of a server and their results, latest first",
      "netbootctl delivery list web-01",
      +[](DeliveryCommands& commands, const Options& given) { return commands.list(given.delivery_id); })
      ->add_option("NAME", options.delivery_id, "The server's name")
      ->required();
  auto* const show = add_command_of(
      &Session::deliveries, *group, options, "show", "Show the state of a delivery, never what it says",
      "netbootctl delivery show d-7",
      +[](DeliveryCommands& commands, const Options& given) { return commands.show(given.delivery_id); });
  auto* const resend = add_command_of(
      &Session::deliveries, *group, options, "resend", "Retry a waiting delivery now instead of at its next attempt",
      "netbootctl delivery resend d-7",
      +[](DeliveryCommands& commands, const Options& given) { return commands.resend(given.delivery_id); });
  for (auto* const command : {show, resend}) {
    command->add_option("ID", options.delivery_id, "The delivery: d-7")->required();
  }
}

void add_console_commands(CLI::App& app, Options& options) {
  auto& console = options.console;
  auto* const group = add_group(app, "console", "Consoles of rescue VMs in browsers", "netbootctl console open web-01");
  auto* const open = add_command_of(
      &Session::consoles, *group, options, "open", "Print a URL that opens the console of a server's rescue VM, once",
      "netbootctl console open web-01 --view",
      +[](ConsoleCommands& commands, const Options& given) { return commands.open(given.console); });
  open->add_flag("--view", console.view, "Show the screen only (default: with keyboard and mouse)");
  open->add_option("--ttl", console.ttl, "Time until it must be opened: 10m (default), 1h");
  auto* const list = add_command_of(
      &Session::consoles, *group, options, "list",
      "List who watches a server's console, and the consoles of its session", "netbootctl console list web-01",
      +[](ConsoleCommands& commands, const Options& given) { return commands.list(given.console); });
  for (auto* const command : {open, list}) command->add_option("NAME", console.server, "The server's name")->required();
  add_command_of(
      &Session::consoles, *group, options, "close", "Close a console and revoke its URL",
      "netbootctl console close c-7",
      +[](ConsoleCommands& commands, const Options& given) { return commands.close(given.console); })
      ->add_option("ID", console.id, "The console: c-7")
      ->required();
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

}  // namespace rescue::netboot::cli
