// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescuectl: the operator's command line for rescued.

#include "contract/session.hpp"
#include "core/error.hpp"
#include "core/program.hpp"
#include "orchestrator/cli/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
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

/// Adds one command: its name, help, example and action.
CLI::App* add(CLI::App& parent, Action& chosen, const char* name, const char* help, const char* example,
              Action action) {
  auto* command = parent.add_subcommand(name, help);
  command->footer(std::string("Example:\n  ") + example);
  command->fallthrough();
  command->callback([&chosen, action] { chosen = action; });
  return command;
}

void add_credentials_commands(CLI::App& app, Options& options, Action& chosen) {
  auto* credentials = app.add_subcommand("credentials", "Show or rotate the guest's credentials");
  credentials->require_subcommand(1);
  credentials->footer("Example:\n  rescuectl credentials rotate");
  credentials->fallthrough();
  add(*credentials, chosen, "show", "Show fingerprints and who received the password, but not the password",
      "rescuectl credentials show", &Commands::credentials_show);
  auto* rotate = add(*credentials, chosen, "rotate", "Set, prove and show a new password; the old one no longer works",
                     "rescuectl credentials rotate --credentials-file new.json", &Commands::credentials_rotate);
  rotate->add_option("--credentials-file", options.credentials_file,
                     "Write the credentials to this file (JSON, mode 0600) instead of the terminal");
  rotate->add_flag("--spell", options.spell, "Spell the password in words, too");
  auto* spell = add(*credentials, chosen, "spell", "Spell the password of a credentials file in words, on a terminal",
                    "rescuectl credentials spell new.json", &Commands::credentials_spell);
  spell->add_option("file", options.credentials_file, "File that --credentials-file has written")->required();

  auto* files = add(*credentials, chosen, "files",
                    "Write files for RDP and SSH clients: addresses, host key, fingerprints, but no password",
                    "rescuectl credentials files /root/web-01", &Commands::credentials_files);
  files->add_option("folder", options.folder, "Folder for the files; existing ones are replaced")
      ->required()
      ->check(CLI::ExistingDirectory);
}

void add_ticket_commands(CLI::App& app, Options& options, Action& chosen) {
  auto* ticket = app.add_subcommand("ticket", "Let a helpdesk see the guest's console, with a ticket number");
  ticket->require_subcommand(1);
  ticket->footer("Example:\n  rescuectl ticket open");
  ticket->fallthrough();
  auto* open = add(*ticket, chosen, "open", "Open a ticket; print its number, addresses and port",
                   "rescuectl ticket open --view", &Commands::ticket_open);
  open->add_flag("--no-message,--nomessage", options.no_message,
                 "Let a helper in without asking the customer: the number alone suffices");
  open->add_flag("--view", options.view, "The helper may watch, but has neither keys nor pointer");
  constexpr unsigned last_port = 65535;
  open->add_option("--port", options.port, "Port of the listener; default: as configured")
      ->check(CLI::Range(1U, last_port));
  add(*ticket, chosen, "show", "Show the open ticket, who asks to enter and who is in", "rescuectl ticket show --json",
      &Commands::ticket_show);
  add(*ticket, chosen, "end", "End the ticket and every connection of it", "rescuectl ticket end",
      &Commands::ticket_end);
  auto* answer = add(*ticket, chosen, "answer", "Let the helper in who asks, or not", "rescuectl ticket answer yes",
                     &Commands::ticket_answer);
  answer->add_option("answer", options.answer, "yes or no")->required()->check(CLI::IsMember({"yes", "no"}));
  auto* wait =
      add(app, chosen, "wait-for-connection", "Wait until a helper is in; exit with 1 if none can come any more",
          "rescuectl wait-for-connection --timeout 600", &Commands::wait_for_connection);
  wait->add_option("--timeout", options.timeout_seconds, "Seconds to wait at most; exit with 4 after them");
}

void add_files_commands(CLI::App& app, Options& options, Action& chosen) {
  auto* files = app.add_subcommand("files", "Copy files out of the server's NTFS volumes, without the rescue VM");
  files->require_subcommand(1);
  files->footer("Volumes are named by their letter in Windows (C:) or by disk and partition (/dev/sda:3:).\n"
                "Backslashes and slashes are the same, case is ignored as in Windows.\n"
                "Example:\n  rescuectl files get 'D:\\Backup\\shop.bak' --to /mnt/stick");
  files->fallthrough();
  files->add_option("--image", options.image, "Read a raw image of a disk in place of this host's disks")
      ->check(CLI::ExistingFile);
  auto* ls =
      add(*files, chosen, "ls", "List the volumes, or a folder", "rescuectl files ls 'C:\\Users'", &Commands::files_ls);
  ls->add_option("path", options.paths, "[VOLUME:]PATH; default: list the volumes")->expected(0, 1);
  auto* get = add(*files, chosen, "get", "Copy files and folders to a folder of this host",
                  "rescuectl files get 'C:\\Users\\me' 'D:\\Backup' --to /mnt/stick", &Commands::files_get);
  get->add_option("path", options.paths, "[VOLUME:]PATH of a file or folder")->required();
  get->add_option("--to", options.folder, "Folder for the copies; it is made if it does not exist")->required();
  get->add_flag("--force", options.force, "Replace files that exist");
  auto* archive = add(*files, chosen, "archive", "Write files and folders to stdout as a tar archive (pax)",
                      "rescuectl files archive 'D:\\Backup' | ssh backup 'cat > backup.tar'", &Commands::files_archive);
  archive->add_option("path", options.paths, "[VOLUME:]PATH of a file or folder")->required();
  auto* serve = add(*files, chosen, "serve", "Serve the volumes over SFTP, read-only, until it is interrupted",
                    "rescuectl files serve --authorized-keys customer.pub", &Commands::files_serve);
  serve->add_option("--listen", options.listen, "PORT or ADDRESS:PORT; default: 21322 on all addresses");
  serve
      ->add_option("--authorized-keys", options.authorized_keys,
                   "File with SSH public keys of those who may log in; default: the session's ssh_keys")
      ->check(CLI::ExistingFile);
}

void add_commands(CLI::App& app, Options& options, Action& chosen) {
  add(app, chosen, "doctor", "Check that this host can run a rescue; print a remedy for each fault", "rescuectl doctor",
      &Commands::doctor);
  add(app, chosen, "disks", "Show the disks: what is on them, what is wrong, and which the guest does not get",
      "rescuectl disks --json", &Commands::disks);
  add(app, chosen, "why", "Say why the server does not boot: follow its boot chain up to the first broken link",
      "rescuectl why", &Commands::why);
  auto* plan = add(app, chosen, "plan", "Show what a session would do; changes nothing", "rescuectl plan --xml",
                   &Commands::plan);
  plan->add_flag("--xml", options.xml, "Print only the domain XML of the rescue VM");
  auto* start = add(app, chosen, "start", "Start a rescue session", "rescuectl start --wait", &Commands::start);
  start->add_flag("--wait", options.wait, "Show progress, then the credentials, once");
  start->add_option("--credentials-file", options.credentials_file,
                    "Write the credentials to this file (JSON, mode 0600) instead of the terminal");
  start->add_flag("--spell", options.spell, "Spell the password in words, too; needs --wait");
  auto* keys = start->add_option("--ssh-key", options.ssh_key_files,
                                 "File with an SSH public key for the guest's administrator; repeat for several");
  start
      ->add_flag("--keys-only", options.keys_only,
                 "No password logins over SSH in the guest; RDP still needs the password")
      ->needs(keys);
  start->add_option("--keyboard", options.keyboard, "Keyboard layout of the guest's console: us, gb, de, fr, ch, ...");
  start->add_option("--language", options.language, "Language of the texts in the guest: en (default), fr, de");
  start
      ->add_option("--disk-mode", options.disk_mode,
                   "rw; ro: the guest can't write; overlay: what it writes is kept apart until finish")
      ->check(CLI::IsMember(choices_of<rescue::contract::DiskMode>()));
  auto* status = add(app, chosen, "status", "Show the session: phase, steps, how to connect",
                     "rescuectl status --watch", &Commands::status);
  status->add_flag("--watch", options.watch, "Follow the session; with --json one object per line until interrupted");
  add(app, chosen, "console-status",
      "Draw the session as a screen of 80 by 25 for the server's console; redraw on change", "rescuectl console-status",
      &Commands::console_status);

  add_credentials_commands(app, options, chosen);
  add_ticket_commands(app, options, chosen);
  add_files_commands(app, options, chosen);
  add(app, chosen, "logs", "Print recent log lines of rescued", "rescuectl logs", &Commands::logs);
  auto* finish =
      add(app, chosen, "finish", "End the session: stop the guest, release disks and network, restore the boot mode",
          "rescuectl finish --then reboot", &Commands::finish);
  auto* keep = finish->add_flag("--keep-changes", options.keep_changes,
                                "Write to the disks what the guest has changed (disk mode overlay; the default)");
  finish->add_flag("--discard-changes", options.discard_changes, "Leave the disks as before the session")
      ->excludes(keep);
  finish->add_option("--then", options.then, "What the host does next: reboot, poweroff or stay")
      ->check(CLI::IsMember(choices_of<rescue::contract::Ending>()));
  add(app, chosen, "report", "Report how the last session ended, and what it changed on the disks",
      "rescuectl report --json", &Commands::report);
  add(app, chosen, "restore-boot", "Set the boot mode back to the disk by hand, at any time", "rescuectl restore-boot",
      &Commands::restore_boot);
}

int run(int argc, char** argv) {
  CLI::App app("Rescues a bare-metal Windows server through rescued on this host.", "rescuectl");
  app.set_version_flag("--version", std::string("rescuectl ") + RESCUE_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed and undone, 2 usage, 3 precondition, 4 timeout,\n"
             "5 something could not be undone: an operator is needed.\nExample:\n  rescuectl start --wait");
  Options options;
  Action chosen = nullptr;
  app.add_option("--socket", options.socket, "Unix socket of rescued")
      ->envname("RESCUED_SOCKET")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print results as JSON");
  add_commands(app, options, chosen);
  try {
    // DaRT's spelling, which its scripts have.
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::replace(arguments.begin(), arguments.end(), std::string("-nomessage"), std::string("--nomessage"));
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the last to the first
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : rescue::exit_code_of(rescue::ErrorCode::usage);
  }
  Commands commands(std::move(options));
  return (commands.*chosen)();
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
