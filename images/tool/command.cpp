// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/command.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace rescue::tool {

std::string beside(const char* name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

CLI::Option* add_file(CLI::App& command, const char* name, std::string& path, const std::string& help) {
  return command.add_option(name, path, help)->type_name("FILE");
}

void print(const nlohmann::ordered_json& json) {
  print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

}  // namespace rescue::tool
