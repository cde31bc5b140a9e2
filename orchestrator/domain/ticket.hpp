// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A helpdesk's ticket: with its number, an address and a port somebody outside gets the guest's console.

#include "core/clock.hpp"
#include "core/net/ip_address.hpp"
#include "credentials/ticket_messages.hpp"
#include "orchestrator/domain/network.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::domain {

using credentials::TicketRole;

/// How a ticket is to be opened.
struct TicketOrder {
  bool ask_customer = true;  ///< false: the number alone lets a helper in
  TicketRole role = TicketRole::control;
  std::optional<std::uint16_t> port;  ///< none: as the settings have it
};

/// When a ticket is opened.
enum class TicketPolicy { by_request, when_serving };
constexpr auto words_of(TicketPolicy) { return words<TicketPolicy>("by-request", "when-serving"); }

struct TicketSettings {
  TicketPolicy open = TicketPolicy::by_request;
  bool ask_customer = true;           ///< of a ticket that the policy opens
  std::uint16_t port = 0;             ///< 0: a random one of the host's listeners
  std::string invitation_folder;      ///< folder for inv32.xml while a ticket is open; empty: none
  Milliseconds answer_limit{60'000};  ///< for the customer's answer; no answer is a no
};

/// Server and console that a ticket is opened for.
struct TicketSite {
  std::string server;
  std::vector<net::IpAddress> addresses;  ///< the preferred one first
  std::string console;                    ///< unix socket of the guest's VNC server
  PortRange ports;                        ///< of the host's listeners
};

/// A helper that has proven the ticket.
struct TicketVisitor {
  std::uint64_t id = 0;  ///< unique within a process
  std::string address;
  std::string name;  ///< given by the helper, printable, confirmed by nobody
  WallTime since;
};

/// State of the ticket. Without its number.
struct TicketView {
  bool open = false;
  std::vector<net::IpAddress> addresses;
  std::uint16_t port = 0;
  std::string certificate;  ///< SHA-256 of the listener's certificate, "ab:cd:..."
  bool ask_customer = true;
  TicketRole role{};
  WallTime opened;
  std::optional<TicketVisitor> asking;   ///< waits for the customer's answer
  std::optional<WallTime> answer_until;  ///< of `asking`
  std::vector<TicketVisitor> connected;
  unsigned wrong_tickets = 0;  ///< since it was opened
  std::string closed_because;  ///< of the last ticket, once it is no longer open
};

/// State of the ticket for the control plane.
struct TicketReport {
  TicketView view;
  std::string sealed{};  ///< number, addresses and port, sealed to the requester; empty: it was opened on this host
};

using rescue::name_of;

}  // namespace rescue::domain
