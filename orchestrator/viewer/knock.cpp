// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/viewer/knock.hpp"

#include "core/access/connect.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <system_error>

namespace rescue::viewer {
namespace {

using credentials::Bytes;
using credentials::HostFarewell;
using credentials::HostMessage;
using credentials::HostRefusal;
using credentials::HostWelcome;
using credentials::TicketEnd;
using credentials::TicketRefusal;
using credentials::TicketSide;
using tls::Outcome;

std::string place_of(const Endpoint& endpoint) { return fmt::format("{}, port {}", endpoint.address, endpoint.port); }

Problem lost() {
  return {Reason::connection_lost, FormField::none, "The connection broke before the console was there.",
          "Connect again. If it happens again, ask the customer whether the ticket is still open."};
}
bool is_woken(int wake) {
  pollfd event{wake, POLLIN, 0};
  return ::poll(&event, 1, 0) == 1;
}

Problem cancelled() { return {Reason::cancelled, FormField::none, "Cancelled.", ""}; }

Problem not_a_rescue_host(const Endpoint& endpoint) {
  return {Reason::not_a_rescue_host, FormField::port,
          fmt::format("What answers at {} is not a rescued server with a ticket.", place_of(endpoint)),
          "Compare address and port with what the customer sees."};
}

Problem mismatch(const char* what) {
  return {Reason::certificate_mismatch, FormField::none, what,
          "Somebody may be in between. Do not go on; ask the customer for a new ticket."};
}

Problem refusal_problem(const HostRefusal& refusal) {
  switch (refusal.reason) {
  case TicketRefusal::unknown_ticket:
    return {Reason::unknown_ticket, FormField::ticket, "The server does not know this ticket.",
            "It may be an older one, or another server's. Ask the customer for the one that is open now."};
  case TicketRefusal::locked:
    return {Reason::locked, FormField::ticket, "Too many wrong tickets were tried.",
            refusal.retry_seconds == 0 ? "Ask the customer to open a new ticket."
                                       : fmt::format("Try again in {} s.", refusal.retry_seconds)};
  case TicketRefusal::busy:
    break;
  }
  return {Reason::busy, FormField::none, "The customer is being asked about another helper, or too many are in.",
          "Try again in a minute."};
}

Problem end_problem(TicketEnd end) {
  switch (end) {
  case TicketEnd::declined:
    return {Reason::declined, FormField::none, "The customer has said no.",
            "Talk with the customer, then connect again."};
  case TicketEnd::no_answer:
    return {Reason::no_answer, FormField::none, "The customer has not answered in time.",
            "Ask the customer to look at the server's screen or page, then connect again."};
  case TicketEnd::over:
    break;
  }
  return {Reason::session_over, FormField::none, "The ticket or the rescue session is over.",
          "Ask the customer whether the session still runs, and for a new ticket."};
}

class Knock {
public:
  Knock(const Target& target, const Endpoint& endpoint, tls::Channel channel, int wake, const KnockLimits& limits)
      : target_(target), endpoint_(endpoint), channel_(std::move(channel)), wake_(wake), limits_(limits) {}

  Admission run(const std::function<void(const std::string&)>& progress) {
    shake_hands();
    progress("Proving the ticket...");
    credentials::TicketKey key(target_.ticket, certificate_);
    binding_ = channel_.binding();
    greet(key);
    auto patience = limits_.handshake;
    for (;;) {
      const auto message = receive(patience);
      if (const auto* refusal = std::get_if<HostRefusal>(&message)) throw refusal_problem(*refusal);
      if (const auto* farewell = std::get_if<HostFarewell>(&message)) throw end_problem(farewell->reason);
      const auto& welcome = std::get<HostWelcome>(message);
      if (!key.accepts(welcome.proof, TicketSide::host, binding_, proven_part(welcome))) {
        throw mismatch("The server has not proven that it knows the ticket: its certificate is not the ticket's.");
      }
      const auto server = printable(welcome.server, credentials::longest_ticket_name);
      if (welcome.admitted) return {std::move(channel_), endpoint_, welcome.role, server};
      progress(
          fmt::format("Waiting for the customer's answer at {} ({} s at most)...", server, welcome.answer_seconds));
      patience = limits_.handshake + std::chrono::seconds(welcome.answer_seconds);
    }
  }

private:
  [[nodiscard]] tls::Patience for_a(Milliseconds limit) const {
    return {std::chrono::steady_clock::now() + limit, wake_};
  }

  void shake_hands() {
    const auto outcome = channel_.handshake(for_a(limits_.handshake));
    if (outcome == Outcome::woken) throw cancelled();
    if (outcome != Outcome::done) throw not_a_rescue_host(endpoint_);
    certificate_ = channel_.server_certificate();
    if (target_.certificate && *target_.certificate != certificate_) {
      throw mismatch("The server's certificate is not the one of the invitation.");
    }
  }

  void greet(const credentials::TicketKey& key) {
    credentials::ViewerHello hello{target_.name, {}};
    hello.proof = key.prove(TicketSide::viewer, binding_, proven_part(hello));
    const auto outcome = channel_.send(encode(hello), for_a(limits_.handshake));
    if (outcome != Outcome::done) throw outcome == Outcome::woken ? cancelled() : lost();
  }

  void fill(std::span<std::uint8_t> into, const tls::Patience& patience) {
    const auto outcome = channel_.receive(into, patience);
    if (outcome != Outcome::done) throw outcome == Outcome::woken ? cancelled() : lost();
  }

  HostMessage receive(Milliseconds limit) {
    const auto patience = for_a(limit);
    std::array<std::uint8_t, credentials::ticket_header_size> header{};
    fill(header, patience);
    const auto size = credentials::host_body_size(header);
    if (!size) throw not_a_rescue_host(endpoint_);
    Bytes body(*size);
    fill(body, patience);
    auto message = credentials::parse_host_body(header[0], body);
    if (!message) throw not_a_rescue_host(endpoint_);
    return *std::move(message);
  }

  const Target& target_;
  const Endpoint& endpoint_;
  tls::Channel channel_;
  int wake_;
  const KnockLimits& limits_;
  tls::Digest certificate_{};
  tls::Digest binding_{};
};

Problem connect_problem(const Endpoint& endpoint, const std::string& why) {
  if (why == std::generic_category().message(ECONNREFUSED)) {
    return {Reason::port_closed, FormField::port,
            fmt::format("{} can be reached, but its port {} is closed.", endpoint.address, endpoint.port),
            "Compare the port with what the customer sees. A ticket that has ended closes its port."};
  }
  return {Reason::unreachable, FormField::address, fmt::format("{} can't be reached: {}.", endpoint.address, why),
          "Compare the address with what the customer sees, and check the network in between."};
}

}  // namespace

Admission knock(const Target& target, const std::function<void(const std::string&)>& progress, int wake,
                const KnockLimits& limits) {
  std::optional<Problem> problem;
  for (const auto& endpoint : target.endpoints) {
    if (is_woken(wake)) throw cancelled();
    progress(fmt::format("Connecting to {}...", place_of(endpoint)));
    auto connection = access::connect_tcp(endpoint.address.text(), endpoint.port, limits.connect);
    if (connection.fd) {
      auto channel = tls::Channel::client(std::move(connection.fd), std::string(credentials::ticket_protocol));
      return Knock(target, endpoint, std::move(channel), wake, limits).run(progress);
    }
    if (!problem) problem = connect_problem(endpoint, connection.problem);
  }
  throw problem.value();
}

}  // namespace rescue::viewer
