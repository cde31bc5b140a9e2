// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection to the listener, from the TLS handshake over proof and question to the guest's console.

#include "core/net/ip_address.hpp"
#include "core/tls/identity.hpp"
#include "credentials/ticket.hpp"
#include "orchestrator/domain/ticket.hpp"
#include "orchestrator/ticket/ticket_state.hpp"

namespace rescue::ticket {

/// Constants of a ticket while it is open.
struct TicketTerms {
  domain::TicketSite site;
  domain::TicketOrder order;
  TicketRules rules;
  tls::Identity identity;
  credentials::TicketKey key;
};

/// Blocks until the connection has ended. Never throws for anything that the peer does.
/// `wake`: the eventfd by which the connection has entered `state` as `id`.
void receive_visitor(const TicketTerms& terms, TicketState& state, FileDescriptor socket, std::uint64_t id, int wake);

}  // namespace rescue::ticket
