// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/editions_command.hpp"

#include "images/windows/build_plan.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace rescue::tool {
namespace {

int list_editions(const std::string& iso, bool json) {
  const auto medium = windows::open_windows(iso);
  const auto image = windows::read_install_image(*medium, beside("rescue-wim"));
  if (json) {
    auto editions = nlohmann::ordered_json::array();
    for (const auto& edition : image.editions) editions.push_back(windows::json_of(edition));
    print(editions);
  } else {
    print(windows::edition_lines(image.editions) + "\n");
  }
  return 0;
}

}  // namespace

void add_editions_command(CLI::App& app, Action& action) {
  const auto iso = std::make_shared<std::string>();
  auto* const editions = app.add_subcommand("editions", "List the editions on Microsoft's ISO");
  editions->fallthrough();
  add_file(*editions, "--iso", *iso, "Microsoft's ISO, or a folder with its content")->required();
  editions->footer("Example:\n  rescue-image editions --iso server-2025.iso");
  editions->callback([iso, &action] { action = [iso](bool json) { return list_editions(*iso, json); }; });
}

}  // namespace rescue::tool
