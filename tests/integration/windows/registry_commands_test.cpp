// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs the answer file's commands that change the registry under Wine, and reads the values back.
#include "images/windows/answer_commands.hpp"
#include "tests/integration/windows/wine.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <regex>

namespace rescue::windows {
namespace {

struct Value {
  std::string key;
  std::string name;
  std::string type;
  std::string data;

  /// Line of this value in the output of reg.exe.
  [[nodiscard]] std::string line() const {
    const auto shown = type == "REG_DWORD" ? fmt::format("0x{:x}", std::stoul(data)) : data;
    return fmt::format("    {}    {}    {}", name, type, shown);
  }
};

/// Value that a command sets; none for other commands.
std::optional<Value> value_of(const std::string& line) {
  static const std::regex form(R"re(reg\.exe add "([^"]+)" /v (\S+) /t (\S+) /d "([^"]*)" /f)re");
  std::smatch parts;
  if (!std::regex_match(line, parts, form)) return std::nullopt;
  return Value{parts[1], parts[2], parts[3], parts[4]};
}

TEST(RegistryCommands, SetTheirValuesUnderWine) {
  AnswerSettings settings;
  settings.release = Release::server_2025;
  std::vector<Value> values;
  std::string batch = "@echo off\r\n";
  for (const auto& command : specialize_commands(settings)) {
    auto value = value_of(command.line);
    if (!value) continue;
    batch += command.line + "\r\n";
    values.push_back(std::move(*value));
  }
  ASSERT_GE(values.size(), 15U);
  for (const auto& value : values) batch += fmt::format("reg.exe query \"{}\" /v {}\r\n", value.key, value.name);
  const tests::Wine wine;
  const auto output = wine.run_batch(batch);
  if (!output) GTEST_SKIP() << "wine is not installed (packages wine, wine64)";
  for (const auto& value : values) EXPECT_THAT(*output, testing::HasSubstr(value.line())) << value.key;
}

}  // namespace
}  // namespace rescue::windows
