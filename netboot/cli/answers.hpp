// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Formats answers of the API for people; shared by netbootctl's commands.

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rescue::netboot::cli {

[[nodiscard]] std::string server_path(const std::string& name);
/// Parses a body. Throws `unavailable` if it is not netbootd's.
[[nodiscard]] nlohmann::json parsed(const std::string& body);
/// Returns the member as text; empty if there is none.
[[nodiscard]] std::string text_of(const nlohmann::json& object, const char* key);
/// Lines "label:  value"; leaves out those without a value.
[[nodiscard]] std::string facts(const std::vector<std::pair<std::string, std::string>>& pairs);
void put_if_given(nlohmann::json& body, const char* key, const std::string& value);

/// Formats a task with its steps.
[[nodiscard]] std::string task_facts(const nlohmann::json& task);
[[nodiscard]] std::string session_facts(const nlohmann::json& session);

}  // namespace rescue::netboot::cli
