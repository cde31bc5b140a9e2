// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a host agent is to open a helpdesk's ticket (docs/helpdesk.md).

#include "credentials/ticket_messages.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace rescue::netboot {

struct TicketOrder {
  credentials::TicketRole role = credentials::TicketRole::control;
  bool ask_customer = true;        ///< false: the number alone lets a helper in
  std::optional<unsigned> port{};  ///< none: the host chooses
  bool operator==(const TicketOrder&) const = default;
};

/// The members `role`, `ask_customer` and, if it is given, `port`: in the API, to the host agent and in the database.
[[nodiscard]] nlohmann::json to_json(const TicketOrder& order);
/// Reads the text of `to_json`. Throws `internal` for anything else.
[[nodiscard]] TicketOrder ticket_order_of(const std::string& text);

}  // namespace rescue::netboot
