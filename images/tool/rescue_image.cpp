// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-image: builds and publishes rescue images. So far it reads the media and plans; it does not install yet.

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/program.hpp"
#include "images/tool/catalogue_command.hpp"
#include "images/tool/gc_command.hpp"
#include "images/tool/import_command.hpp"
#include "images/tool/sign_command.hpp"
#include "images/tool/verify_command.hpp"
#include "images/tool/winpe_command.hpp"
#include "images/windows/answer_file.hpp"
#include "images/windows/build_plan.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace rescue;

struct Options {
  windows::BuildRequest request;
  std::string firmware = "uefi";
  std::string answer_file;
  bool dry_run = false;
  bool json = false;
  std::function<int(const Options&)> action;
  tool::Action command;  ///< of a command in a file of its own
};

/// Path of a helper: installed beside this program.
std::string beside(const char* name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

/// JSON as text; bytes of paths that are no UTF-8 are replaced.
std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

int list_editions(const Options& options) {
  const auto medium = windows::open_windows(options.request.iso);
  const auto image = windows::read_install_image(*medium, beside("rescue-wim"));
  if (options.json) {
    auto editions = nlohmann::ordered_json::array();
    for (const auto& edition : image.editions) editions.push_back(windows::json_of(edition));
    print(text_of(editions));
  } else {
    print(windows::edition_lines(image.editions) + "\n");
  }
  return 0;
}

int build_windows(const Options& options) {
  if (!options.dry_run) {
    throw Error(ErrorCode::precondition, "installing Windows is not implemented yet",
                "Add --dry-run to read the media and print the plan.");
  }
  const auto plan = windows::plan_build(options.request, beside("rescue-wim"));
  if (!options.answer_file.empty()) {
    constexpr mode_t for_owner = 0600;
    write_file_atomically(options.answer_file, windows::answer_file(plan.answers), for_owner);
  }
  print(options.json ? text_of(windows::json_of(plan)) : windows::text_of(plan));
  if (plan.missing.empty()) return 0;
  throw Error(ErrorCode::precondition, fmt::format("{} is missing", plan.missing.front().what),
              plan.missing.front().remedy);
}

/// Adds an option for the path of a file.
CLI::Option* add_file(CLI::App& command, const char* name, std::string& path, const char* help) {
  return command.add_option(name, path, help)->type_name("FILE");
}

void add_media_options(CLI::App& command, Options& options) {
  auto& request = options.request;
  add_file(command, "--iso", request.iso, "Microsoft's ISO of Windows Server, or a folder with its content")
      ->required();
  add_file(command, "--virtio", request.virtio, "ISO of virtio-win, or a folder with its layout")->required();
  auto* const zip = add_file(command, "--openssh", request.ssh_zip, "OpenSSH-Win64.zip of Win32-OpenSSH");
  add_file(command, "--fod", request.feature_iso, "ISO of Features on Demand, for OpenSSH of 2019 and 2022")
      ->excludes(zip);
  command.add_option("--edition", request.edition, "Number or name of the edition; `rescue-image editions` lists them")
      ->required();
  command.add_flag("--client", request.allow_client, "Accept Windows 10 and 11");
}

void add_answer_options(CLI::App& command, Options& options) {
  auto& answers = options.request.answers;
  answers.ui_language.clear();
  command.add_option("--firmware", options.firmware, "Firmware of the rescue VM: uefi or bios")
      ->check(CLI::IsMember({"uefi", "bios"}))
      ->capture_default_str();
  command.add_option("--language", answers.ui_language, "Language of Windows; the default is the edition's");
  command.add_option("--locale", answers.locale, "Formats of dates and numbers")->capture_default_str();
  command
      .add_option("--keyboard", answers.keyboards, "Keyboard layouts, the default first: " + windows::keyboard_names())
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--time-zone", answers.time_zone, "Time zone, as Windows names it")->capture_default_str();
  command.add_option("--computer-name", answers.computer_name, "Name of the computer")->capture_default_str();
  add_file(command, "--answer-file", options.answer_file, "Write autounattend.xml to this file, without a password");
}

void add_commands(CLI::App& app, Options& options) {
  auto* const build = app.add_subcommand("build", "Build a rescue image");
  build->require_subcommand(1);
  build->fallthrough();
  auto* const windows =
      build->add_subcommand("windows", "Build a rescue image from Microsoft's ISO; so far --dry-run only");
  windows->fallthrough();
  add_media_options(*windows, options);
  add_answer_options(*windows, options);
  windows->add_flag("--dry-run", options.dry_run, "Read the media, print the plan, and change nothing");
  windows->footer("Example:\n  rescue-image build windows --iso server-2025.iso --virtio virtio-win.iso \\\n"
                  "    --edition ServerStandard --dry-run");
  windows->callback([&options] { options.action = build_windows; });

  auto* const editions = app.add_subcommand("editions", "List the editions on Microsoft's ISO");
  editions->fallthrough();
  add_file(*editions, "--iso", options.request.iso, "Microsoft's ISO, or a folder with its content")->required();
  editions->footer("Example:\n  rescue-image editions --iso server-2025.iso");
  editions->callback([&options] { options.action = list_editions; });

  tool::add_sign_command(app, options.command);
  tool::add_catalogue_command(app, options.command);
  tool::add_gc_command(app, options.command);
  tool::add_winpe_command(*build, options.command);
  tool::add_import_command(app, options.command);
}

int run(int argc, char** argv) {
  CLI::App app("Builds and publishes rescue images.", "rescue-image");
  app.set_version_flag("--version", std::string("rescue-image ") + RESCUE_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed, 2 usage, 3 a medium can't be used or something is missing, 4 timeout.\n"
             "Example:\n  rescue-image editions --iso server-2025.iso");
  Options options;
  std::function<int()> verification;
  app.add_flag("--json", options.json, "Print results as JSON");
  add_commands(app, options);
  image_tool::add_verify_command(app, options.json, verification);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code_of(ErrorCode::usage);
  }
  if (options.command) return options.command(options.json);
  if (verification) return verification();
  options.request.answers.firmware = *parse_word<windows::Firmware>(options.firmware);
  return options.action(options);
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
