// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/daemon.hpp"
#include "netboot/delivery/templates.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>

namespace {

using namespace rescue;

struct Options {
  std::string config = "/etc/rescue/netbootd.yaml";
  std::string port_file;
  std::string admin_token_file;
  bool check = false;
};

void describe(CLI::App& app, Options& options) {
  app.set_version_flag("--version", "netbootd " RESCUE_VERSION);
  app.add_option("--config", options.config, "Configuration file")->capture_default_str();
  app.add_flag("--check", options.check, "Check the configuration, and exit");
  app.add_option("--init-admin-token", options.admin_token_file,
                 "Write a new admin token to this new file (mode 0600), and exit; revokes the "
                 "one that this made before");
  app.add_option("--port-file", options.port_file, "Write the listening port to this file");
  app.footer("Examples:\n"
             "  netbootd --config /etc/rescue/netbootd.yaml --check\n"
             "  netbootd --init-admin-token /root/netboot-admin.token\n"
             "  netbootd --config /etc/rescue/netbootd.yaml\n");
}

void run(const Options& options) {
  const auto config = netboot::config_from(Document::from_file(options.config));
  log::set_level(config.log_level);
  if (options.check) {
    const netboot::MailTemplates templates(config.delivery.templates, config.delivery.language);
    fmt::print("{} is valid\n", options.config);
  } else if (!options.admin_token_file.empty()) {
    netboot::write_admin_token(config, options.admin_token_file);
    fmt::print(stderr, "The admin token is in {}.\n", options.admin_token_file);
  } else {
    log::set_format(config.log_format);
    netboot::serve(config, options.config, options.port_file);
  }
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(0077);  // no other user may read the database and its journal
  netboot::block_signals();
  Options options;
  CLI::App app("HTTP service that decides what servers boot from the network.", "netbootd");
  try {
    describe(app, options);
    app.parse(argc, argv);
    log::set_up("netbootd");
    run(options);
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code_of(ErrorCode::usage);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    fmt::print(stderr, "error: {}\n", report.one_line());
    if (!report.hint.empty()) fmt::print(stderr, "  hint: {}\n", report.hint);
    return exit_code_of(report.code);
  }
}
