// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-image: builds, verifies and publishes rescue images.

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/program.hpp"
#include "images/tool/build_command.hpp"
#include "images/tool/catalogue_command.hpp"
#include "images/tool/editions_command.hpp"
#include "images/tool/gc_command.hpp"
#include "images/tool/import_command.hpp"
#include "images/tool/sign_command.hpp"
#include "images/tool/verify_command.hpp"
#include "images/tool/winpe_command.hpp"

namespace {

using namespace rescue;

int run(int argc, char** argv) {
  log::set_up("rescue-image", log::Level::warning);  // stdout is for results
  CLI::App app("Builds, verifies and publishes rescue images.", "rescue-image");
  app.set_version_flag("--version", std::string("rescue-image ") + RESCUE_VERSION);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed, 2 usage, 3 a medium can't be used or something is missing, 4 timeout.\n"
             "Example:\n  rescue-image editions --iso server-2025.iso");
  bool json = false;
  tool::Action action;
  app.add_flag("--json", json, "Print results as JSON");
  tool::add_build_command(app, action);
  tool::add_winpe_command(*app.get_subcommand("build"), action);
  tool::add_editions_command(app, action);
  tool::add_import_command(app, action);
  tool::add_verify_command(app, action);
  tool::add_sign_command(app, action);
  tool::add_catalogue_command(app, action);
  tool::add_gc_command(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code_of(ErrorCode::usage);
  }
  return action(json);
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
