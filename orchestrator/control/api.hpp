// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// rescued's API on its unix socket: what rescuectl speaks. Routes and bodies are described in docs/control-api.md.

#include "core/http/server.hpp"
#include "orchestrator/control/mailbox.hpp"
#include "orchestrator/control/session_service.hpp"
#include "orchestrator/control/ticket_service.hpp"

namespace rescue::control {

/// Objects that the routes use; they outlive the server.
struct ApiBackend {
  SessionService& service;
  Mailbox& mailbox;
  session::Ports& ports;
  const domain::SessionSettings& settings;
  TicketService& tickets;
  ports::DiskHealthReader& health;
};

[[nodiscard]] http::Router make_router(ApiBackend backend);

}  // namespace rescue::control
