// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-viewer: shows a helper the console of a rescued server, with a ticket, an address and a port.

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/program.hpp"
#include "orchestrator/viewer/viewer_window.hpp"

#include <CLI/CLI.hpp>
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

namespace rescue::viewer {
namespace {

struct Options {
  Entered entered;
  std::string ticket;
  std::string name;
  std::string invitation;
};

/// "-ticket=..." as DaRT's viewer takes it, besides "--ticket=...".
std::vector<std::string> with_two_dashes(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (auto& argument : arguments) {
    for (const auto* const option : {"-ticket", "-ipaddress", "-port"}) {
      const auto length = std::strlen(option);
      if (argument.starts_with(option) && (argument.size() == length || argument[length] == '=')) {
        argument.insert(0, 1, '-');
        break;
      }
    }
  }
  return {arguments.rbegin(), arguments.rend()};  // CLI11 takes them from the last to the first
}

/// Overwrites the ticket where `ps` shows it.
void hide_tickets(int argc, char** argv) {
  for (int index = 1; index < argc; ++index) {
    if (std::strstr(argv[index], "ticket") == nullptr) continue;
    if (auto* const value = std::strchr(argv[index], '='); value != nullptr) {
      std::memset(value + 1, '*', std::strlen(value + 1));
    } else if (index + 1 < argc) {
      std::memset(argv[index + 1], '*', std::strlen(argv[index + 1]));
    }
  }
}

std::string user_name() {
  const auto* const user = ::getpwuid(::getuid());
  return user != nullptr ? user->pw_name : "";
}

/// The target if all three fields or the invitation are valid. Otherwise the problem is in `problem`; none if nothing
/// was given.
std::optional<Target> given_target(const Options& options, std::optional<Problem>& problem) {
  try {
    if (!options.invitation.empty()) {
      try {
        return target_of_invitation(read_file(options.invitation));
      } catch (const Error& error) {
        throw Problem(Reason::malformed_invitation, FormField::none, error.what(),
                      "Enter the ticket, the address and the port by hand.");
      }
    }
    const auto& entered = options.entered;
    if (entered.ticket.empty() && entered.address.empty() && entered.port.empty()) return std::nullopt;
    return target_of(entered);
  } catch (const Problem& found) {
    problem.emplace(found);
    return std::nullopt;
  }
}

int show(const Options& options) {
  std::optional<Problem> problem;
  auto target = given_target(options, problem);
  ViewerWindow window(options.name);
  if (target) {
    window.connect_to(*std::move(target));
  } else {
    window.show_form(options.entered, problem ? &*problem : nullptr);
  }
  gtk_main();
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("Shows the console of a server that is being rescued, with the ticket that its customer reads out.",
               "rescue-viewer");
  app.set_version_flag("--version", std::string("rescue-viewer ") + RESCUE_VERSION);
  app.footer("With all three of ticket, address and port it connects at once; otherwise it starts with a form.\n"
             "Options may have one dash, too.\nExample:\n"
             "  rescue-viewer --ticket=4821-0937-5526-1408 --ipaddress=203.0.113.7 --port=21300");
  Options options;
  options.name = user_name();
  app.add_option("--ticket", options.ticket, "Number of the ticket, with its dashes");
  app.add_option("--ipaddress", options.entered.address, "IP address of the server");
  app.add_option("--port", options.entered.port, "Port of the ticket");
  app.add_option("--name", options.name, "Your name, as the customer sees it; default: the user's");
  app.add_option("invitation", options.invitation, "File with an invitation (inv32.xml), in place of the three");
  auto arguments = with_two_dashes(argc, argv);
  hide_tickets(argc, argv);
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code_of(ErrorCode::usage);
  }
  options.entered.ticket = Secret(std::string_view(options.ticket));
  wipe(options.ticket);
  std::signal(SIGPIPE, SIG_IGN);
  if (gtk_init_check(nullptr, nullptr) == FALSE) {
    throw Error(ErrorCode::precondition, "there is no display", "Start rescue-viewer in a graphical session.");
  }
  return show(options);
}

}  // namespace
}  // namespace rescue::viewer

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &rescue::viewer::run); }
