// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers of the API, made into what people read; shared by netbootctl's commands.

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rescue::netboot::cli {

[[nodiscard]] std::string server_path(const std::string& name);
/// Throws `unavailable` when the body is none of netbootd's.
[[nodiscard]] nlohmann::json parsed(const std::string& body);
/// The member as text; empty when there is none.
[[nodiscard]] std::string text_of(const nlohmann::json& object, const char* key);
/// "label:  value" lines, those without a value left out.
[[nodiscard]] std::string facts(const std::vector<std::pair<std::string, std::string>>& pairs);
void put_if_given(nlohmann::json& body, const char* key, const std::string& value);

/// A task with its steps.
[[nodiscard]] std::string task_facts(const nlohmann::json& task);
[[nodiscard]] std::string session_facts(const nlohmann::json& session);

}  // namespace rescue::netboot::cli
