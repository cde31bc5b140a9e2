// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/netbootctl.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "netboot/cli/commands.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <functional>
#include <sstream>
#include <string>

namespace rescue::netboot::cli {
namespace {

struct Options {
  http::ClientOptions connection;
  std::string token_file;
  bool json = false;
  NewServer server;
  NewBootMode boot_mode;
  std::string output;
  std::function<std::string(Commands&)> command;  ///< the one that was given
};

using Command = std::string (*)(Commands&, const Options&);

CLI::App* add_command(CLI::App& group, Options& options, const char* name, const char* description, const char* example,
                      Command command) {
  auto* const added = group.add_subcommand(name, description);
  added->footer(std::string("Example:\n  ") + example);
  added->callback([&options, command] {
    options.command = [&options, command](Commands& commands) { return command(commands, options); };
  });
  return added;
}

void add_server_commands(CLI::App& app, Options& options) {
  auto* const group = app.add_subcommand("server", "The servers that netbootd knows");
  group->footer("Example:\n  netbootctl server list");
  group->require_subcommand(1);
  auto* const add =
      add_command(*group, options, "add", "Make a server known",
                  "netbootctl server add web-01 --mac 52:54:00:12:34:56 --firmware uefi --address 203.0.113.7",
                  [](Commands& commands, const Options& given) { return commands.server_add(given.server); });
  add->add_option("--mac", options.server.macs, "MAC address of a network card, in any spelling; once for each")
      ->required();
  add->add_option("--firmware", options.server.firmware, "bios or uefi (default uefi)");
  add->add_option("--address", options.server.address, "The server's own IP address");
  add->add_option("--loader", options.server.loader, R"(EFI loader of its disk: \EFI\Microsoft\Boot\bootmgfw.efi)");
  add_command(*group, options, "list", "Show all servers", "netbootctl server list --json",
              [](Commands& commands, const Options&) { return commands.server_list(); });
  auto* const show =
      add_command(*group, options, "show", "Show a server", "netbootctl server show web-01",
                  [](Commands& commands, const Options& given) { return commands.server_show(given.server.name); });
  auto* const remove =
      add_command(*group, options, "remove", "Forget a server", "netbootctl server remove web-01",
                  [](Commands& commands, const Options& given) { return commands.server_remove(given.server.name); });
  auto* const token = add_command(*group, options, "agent-token",
                                  "Make a new token for a server's host agent; the one before is worth nothing then",
                                  "netbootctl server agent-token web-01 --output web-01.token",
                                  [](Commands& commands, const Options& given) {
                                    return commands.server_agent_token(given.server.name, given.output);
                                  });
  token->add_option("--output", options.output, "File for the token, made with mode 0600")->required();
  for (auto* const command : {add, show, remove, token}) {
    command->add_option("NAME", options.server.name, "The server's name")->required();
  }
}

void add_boot_mode_commands(CLI::App& app, Options& options) {
  auto* const group = app.add_subcommand("boot-mode", "What a server boots");
  group->footer("Example:\n  netbootctl boot-mode show web-01");
  group->require_subcommand(1);
  auto* const show = add_command(
      *group, options, "show", "Show what a server boots, and why", "netbootctl boot-mode show web-01",
      [](Commands& commands, const Options& given) { return commands.boot_mode_show(given.boot_mode.server); });
  auto* const set =
      add_command(*group, options, "set", "Set what a server boots; a rescue mode ends by itself when its lease does",
                  "netbootctl boot-mode set web-01 rescue-windows --ttl 4h --reason 'locked out, ticket 4711'",
                  [](Commands& commands, const Options& given) { return commands.boot_mode_set(given.boot_mode); });
  for (auto* const command : {show, set}) {
    command->add_option("NAME", options.boot_mode.server, "The server's name")->required();
  }
  set->add_option("MODE", options.boot_mode.mode, "disk or rescue-windows")->required();
  set->add_option("--policy", options.boot_mode.policy, "until-finished (default) or once");
  set->add_option("--ttl", options.boot_mode.ttl, "How long: 30m, 4h");
  set->add_option("--reason", options.boot_mode.reason, "Why, for whoever looks at it later");
}

void describe(CLI::App& app, Options& options) {
  options.connection.base_url = "http://127.0.0.1:8470";
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", "netbootctl " RESCUE_VERSION);
  app.add_option("--url", options.connection.base_url, "Address of netbootd")
      ->envname("NETBOOT_URL")
      ->capture_default_str();
  app.add_option("--token-file", options.token_file, "File with the API token")->envname("NETBOOT_TOKEN_FILE");
  app.add_option("--ca-file", options.connection.ca_file, "CA certificates for https")->envname("NETBOOT_CA_FILE");
  app.add_flag("--json", options.json, "Print JSON, for scripts");
  app.footer("Example:\n"
             "  netbootctl --url http://192.0.2.10:8470 --token-file admin.token boot-mode show web-01\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 a precondition is not met, 4 timeout.");
  add_server_commands(app, options);
  add_boot_mode_commands(app, options);
}

int report(std::FILE* err, const ErrorReport& what) {
  fmt::print(err, "error: {}\n", what.one_line());
  if (!what.hint.empty()) fmt::print(err, " hint: {}\n", what.hint);
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
  what.hint = "'netbootctl --help' and 'netbootctl COMMAND --help' show how.";
  return report(err, what);
}

Secret token_of(const Options& options) {
  if (!options.token_file.empty()) return read_secret_file(options.token_file);
  throw Error(ErrorCode::usage, "netbootd's API needs a token",
              "Name its file by --token-file or NETBOOT_TOKEN_FILE; 'netbootd --init-admin-token FILE' makes one.");
}

}  // namespace

int run(int argc, const char* const* argv, std::FILE* out, std::FILE* err) {
  Options options;
  CLI::App app("Sets what servers boot, through netbootd.", "netbootctl");
  try {
    describe(app, options);
    app.parse(argc, argv);
    http::Client client(options.connection, token_of(options));
    Commands commands(client, options.json);
    fmt::print(out, "{}", options.command(commands));
    return 0;
  } catch (const CLI::ParseError& error) {
    return end_of_parsing(app, error, out, err);
  } catch (const std::exception& error) {
    return report(err, report_of(error));
  }
}

}  // namespace rescue::netboot::cli
