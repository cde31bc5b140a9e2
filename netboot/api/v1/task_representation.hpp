// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tasks as JSON.

#include "core/http/message.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/service/power.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// Adds the steps that the host agent has reported after the task's own.
[[nodiscard]] nlohmann::json task_json(const Task& task, const std::optional<AgentSession>& agent);

/// 202, with the task and its location.
[[nodiscard]] http::Response accepted(const Task& task);

/// "t-7" or "7". Throws `not_found` for anything else.
[[nodiscard]] long long task_id_of(const std::string& text);

/// Throws `usage`.
[[nodiscard]] PowerOrder power_order_from(const std::string& body);
[[nodiscard]] BootOverride boot_override_from(const std::string& body);
[[nodiscard]] nlohmann::json check_json(const Server& server, const BmcCheck& check);

}  // namespace rescue::netboot::api
