// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescuectl: the operator's way to rescued.

#include "contract/session.hpp"
#include "core/error.hpp"
#include "core/program.hpp"
#include "orchestrator/cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace {

using rescue::cli::Commands;
using rescue::cli::Options;
using Action = int (Commands::*)();

template <class Enum>
std::vector<std::string> choices_of() {
  const auto all = rescue::choices<Enum>();
  return {all.begin(), all.end()};
}

/// One command of the table: its name, its help, its example, and what it does.
CLI::App* add(CLI::App& parent, Action& chosen, const char* name, const char* help, const char* example,
              Action action) {
  auto* command = parent.add_subcommand(name, help);
  command->footer(std::string("Example:\n  ") + example);
  command->fallthrough();
  command->callback([&chosen, action] { chosen = action; });
  return command;
}

void add_commands(CLI::App& app, Options& options, Action& chosen) {
  add(app, chosen, "doctor", "Check what a rescue needs, with a remedy for each fault", "rescuectl doctor",
      &Commands::doctor);
  add(app, chosen, "disks", "Disks that are passed to the guest, and why others are not", "rescuectl disks --json",
      &Commands::disks);
  auto* plan =
      add(app, chosen, "plan", "What a session would do; changes nothing", "rescuectl plan --xml", &Commands::plan);
  plan->add_flag("--xml", options.xml, "The domain XML of the rescue VM alone");
  auto* start = add(app, chosen, "start", "Start a rescue session", "rescuectl start --wait", &Commands::start);
  start->add_flag("--wait", options.wait, "Show progress, and the credentials at the end, once");
  start->add_option("--credentials-file", options.credentials_file,
                    "Write the credentials to this file (JSON, mode 0600) instead of the terminal");
  auto* status = add(app, chosen, "status", "The session: phase, steps, how to connect", "rescuectl status --watch",
                     &Commands::status);
  status->add_flag("--watch", options.watch, "Follow it; with --json one object a line, for ever");
  add(app, chosen, "console-status", "The session as a screen of 80 by 25, redrawn on change: for the server's console",
      "rescuectl console-status", &Commands::console_status);

  auto* credentials = app.add_subcommand("credentials", "Whom they were given to, and new ones");
  credentials->require_subcommand(1);
  credentials->footer("Example:\n  rescuectl credentials rotate");
  credentials->fallthrough();
  add(*credentials, chosen, "show", "Fingerprints, and to whom the password was given; not the password",
      "rescuectl credentials show", &Commands::credentials_show);
  auto* rotate = add(*credentials, chosen, "rotate", "Make, prove and show a new password; the old one ends",
                     "rescuectl credentials rotate --credentials-file new.json", &Commands::credentials_rotate);
  rotate->add_option("--credentials-file", options.credentials_file,
                     "Write the credentials to this file (JSON, mode 0600) instead of the terminal");

  add(app, chosen, "logs", "rescued's recent log lines", "rescuectl logs", &Commands::logs);
  auto* finish =
      add(app, chosen, "finish", "End the session: guest off, disks and network released, boot mode restored",
          "rescuectl finish --then reboot", &Commands::finish);
  finish->add_option("--then", options.then, "What becomes of the host: reboot, poweroff or stay")
      ->check(CLI::IsMember(choices_of<rescue::contract::Ending>()));
  add(app, chosen, "restore-boot", "Set the boot mode back to the disk by hand", "rescuectl restore-boot",
      &Commands::restore_boot);
}

int run(int argc, char** argv) {
  CLI::App app("Rescue of a bare-metal Windows server: the operator's way to rescued on this host.", "rescuectl");
  app.set_version_flag("--version", std::string("rescuectl ") + RESCUE_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed and undone, 2 usage, 3 precondition, 4 timeout,\n"
             "5 something could not be undone: an operator is needed.\nExample:\n  rescuectl start --wait");
  Options options;
  Action chosen = nullptr;
  app.add_option("--socket", options.socket, "rescued's unix socket")->envname("RESCUED_SOCKET")->capture_default_str();
  app.add_flag("--json", options.json, "Results as JSON on stdout");
  add_commands(app, options, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : rescue::exit_code_of(rescue::ErrorCode::usage);
  }
  Commands commands(std::move(options));
  return (commands.*chosen)();
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
