// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/ipmitool_failure.hpp"

#include "core/printable.hpp"
#include "netboot/bmc/bmc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rescue::netboot {
namespace {

constexpr std::size_t longest_said = 300;

/// The first match decides. The reasons of a session's refusal (IPMI 2.0, table 13-15) follow both "Error in open
/// session response message : " and "RAKP 2 message indicates an error : ".
const std::vector<std::pair<const char*, IpmitoolFailure>>& lines() {
  using Failure = IpmitoolFailure;
  static const std::vector<std::pair<const char*, Failure>> table{
      {"HMAC is invalid", Failure::password},
      {"unauthorized name", Failure::password},
      {"insufficient resources", Failure::busy},
      {"unauthorized role", Failure::privilege},
      {"invalid role", Failure::privilege},
      {"rsp=0xd4", Failure::privilege},
      // These end a session that the BMC has forgotten.
      {"invalid session ID", Failure::busy},
      {"inactive session ID", Failure::busy},
      {"no response from RAKP", Failure::busy},
      {"Received an Unexpected", Failure::busy},
      {"no response from open session", Failure::busy},
      {"cipher suite", Failure::cipher_suite},
      {"authentication algorithm", Failure::cipher_suite},
      {"integrity algorithm", Failure::cipher_suite},
      {"confidentiality algorithm", Failure::cipher_suite},
      {"matching authentication payload", Failure::cipher_suite},
      {"matching integrity payload", Failure::cipher_suite},
      // Completion codes (IPMI 2.0, table 5-2): node busy, out of space, duplicate, firmware update, starting, and not
      // in this state.
      {"rsp=0xc0", Failure::busy},
      {"rsp=0xc4", Failure::busy},
      {"rsp=0xcf", Failure::busy},
      {"rsp=0xd1", Failure::busy},
      {"rsp=0xd2", Failure::busy},
      {"rsp=0xd5", Failure::busy},
      // The BMC itself timed out, or can't send the answer: the command may have been carried out.
      {"rsp=0xc3", Failure::unknown},
      {"rsp=0xce", Failure::unknown},
      {"rsp=0x", Failure::refused},
      {"Session Privilege Level", Failure::privilege},
      {"Get Auth Capabilities", Failure::silent},
      {"Get Channel Authentication Capabilities", Failure::silent},
      {"message indicates an error", Failure::refused},
      {"open session response", Failure::refused},
      {"RAKP", Failure::busy},
      {"Unable to establish", Failure::no_session},
      {"Unable to send RAW command", Failure::unknown},
      {"LAN send command failed", Failure::unknown},
      {"Could not open socket", Failure::silent},
      {"Address lookup", Failure::silent},
  };
  return table;
}

/// The line with the reason.
std::string reason_in(const std::string& said) {
  for (const auto* const sign : {"rsp=0x", "message indicates an error", "open session response", "RAKP"}) {
    const auto at = said.find(sign);
    if (at == std::string::npos) continue;
    const bool is_code = std::string_view(sign) == "rsp=0x";
    const auto line = said.rfind('\n', at);
    const auto begin = is_code ? at : line == std::string::npos ? 0 : line + 1;
    return printable(said.substr(begin, said.find('\n', at) - begin), longest_said);
  }
  return printable(said, longest_said);
}

}  // namespace

std::string place_of(const BmcEndpoint& endpoint) { return fmt::format("{}:{}", endpoint.address, endpoint.port); }

IpmitoolFailure failure_of(const Completed& completed) {
  if (completed.timed_out) return IpmitoolFailure::unknown;
  const auto found = std::find_if(lines().begin(), lines().end(), [&](const auto& line) {
    return completed.err.find(line.first) != std::string::npos;
  });
  return found == lines().end() ? IpmitoolFailure::other : found->second;
}

void throw_failure(IpmitoolFailure failure, const BmcEndpoint& endpoint, const std::string& privilege,
                   const Completed& completed) {
  constexpr auto no_answer = "Look at its address, at the management network, and whether it allows IPMI over LAN.";
  switch (failure) {
  case IpmitoolFailure::password:
    throw Error(ErrorCode::bmc_denied, fmt::format("the BMC at {} refuses user or password", place_of(endpoint)),
                "Set them again: PUT /v1/servers/{name}/bmc, or netbootctl server bmc.");
  case IpmitoolFailure::privilege:
    throw Error(ErrorCode::bmc_denied,
                fmt::format("the BMC at {} gives {} no privilege {}: {}", place_of(endpoint), endpoint.user, privilege,
                            reason_in(completed.err)),
                "Give the user the privilege OPERATOR or ADMINISTRATOR on the BMC's LAN channel.");
  case IpmitoolFailure::cipher_suite:
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} does not take cipher suite {}", place_of(endpoint), endpoint.cipher_suite),
                "3 is the one that each BMC must have; 17 is a better one.");
  case IpmitoolFailure::busy:
    throw BmcBusy(fmt::format("the BMC at {} is busy: {}", place_of(endpoint), reason_in(completed.err)),
                  "Try again in a minute.");
  case IpmitoolFailure::silent:
    throw BmcSilent(fmt::format("no BMC answers at {}", place_of(endpoint)), no_answer);
  case IpmitoolFailure::no_session:
    throw BmcSilent(fmt::format("the BMC at {} refuses every session", place_of(endpoint)),
                    "Look at user, password and the user's privilege, and whether it allows IPMI over LAN.");
  case IpmitoolFailure::unknown:
    throw OutcomeUnknown(ErrorCode::unavailable,
                         fmt::format("the BMC at {} did not answer the request", place_of(endpoint)));
  case IpmitoolFailure::refused:
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} refuses the request: {}", place_of(endpoint), reason_in(completed.err)));
  case IpmitoolFailure::other:
    break;
  }
  throw Error(ErrorCode::subprocess, fmt::format("ipmitool failed with {} at {}: {}", completed.status,
                                                 place_of(endpoint), printable(completed.err, longest_said)));
}

}  // namespace rescue::netboot
