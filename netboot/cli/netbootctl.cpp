// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/netbootctl.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "netboot/cli/command_line.hpp"
#include "netboot/cli/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <sstream>
#include <string>

namespace rescue::netboot::cli {
namespace {

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
  add_delivery_commands(app, options);
  add_console_commands(app, options);
  add_ticket_commands(app, options);
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
                    DeliveryCommands(client, options.json),
                    ConsoleCommands(client, options.json, options.connection.base_url),
                    TicketCommands(client, options.json, out, err, clock),
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
