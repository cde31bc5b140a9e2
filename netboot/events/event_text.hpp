// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Contents of events: enough to show, and to know what to read again. They hold no secrets.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/delivery.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/secret_link.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/store/event_rows.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot {

/// `change`: "added", "changed", "removed".
[[nodiscard]] std::string server_event_data(std::string_view server, std::string_view change, const BootMode& mode);
[[nodiscard]] std::string task_event_data(const Task& task);
[[nodiscard]] std::string session_event_data(const AgentSession& session);
[[nodiscard]] std::string secret_event_data(const SecretLink& link, WallTime now);
[[nodiscard]] std::string lease_event_data(std::string_view server, const Lease& lease);
[[nodiscard]] std::string delivery_event_data(const DeliveryRecord& record);
[[nodiscard]] std::string reset_event_data();

/// The event in text/event-stream format.
[[nodiscard]] std::string stream_text(const Event& event);

}  // namespace rescue::netboot
