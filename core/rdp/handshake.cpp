// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rdp/handshake.hpp"

#include "core/printable.hpp"
#include "core/rdp/tls.hpp"
#include "core/rdp/wire.hpp"
#include "core/rdp/x224.hpp"

#include <algorithm>
#include <vector>

namespace rescue::rdp {
namespace {

using access::RdpResult;
using access::Readiness;

Negotiation negotiate(Wire& wire) {
  std::vector<std::uint8_t> packet(4);
  const auto failed = [&] { return Negotiation{std::nullopt, "RDP negotiation: " + wire.problem()}; };
  if (!wire.send(connection_request) || !wire.receive_all(packet)) return failed();
  const auto length = tpkt_length(std::span(packet).first<4>());
  if (!length) return {std::nullopt, "the service on this port is not RDP"};
  packet.resize(*length);
  if (!wire.receive_all(std::span(packet).subspan(4))) return failed();
  return parse_connection_confirm(packet);
}

}  // namespace

RdpResult shake_hands(const access::Connector& connect, const access::Target& target, Milliseconds limit) {
  constexpr Milliseconds connect_limit{5'000};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  RdpResult result;
  const auto connection = connect(target.address, target.rdp_port, std::min(limit, connect_limit));
  result.problem = connection.problem;
  if (!connection.fd) return result;
  result.readiness = Readiness::tcp_open;
  Wire wire(connection.fd.get(), deadline);
  const auto negotiation = negotiate(wire);
  result.problem = negotiation.problem;
  if (!negotiation.protocol) return result;
  result.nla = negotiation.protocol == Protocol::nla;
  const auto tls = tls_handshake(wire);
  result.problem = printable(tls.problem, 500);
  if (!tls.problem.empty()) return result;
  result.certificate_fingerprint = tls.fingerprint;
  result.readiness = Readiness::banner;
  return result;
}

}  // namespace rescue::rdp
