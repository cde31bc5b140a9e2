// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/bmc_access.hpp"

#include "core/error.hpp"
#include "netboot/bmc/patient_bmc.hpp"
#include "netboot/metrics/counters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace rescue::netboot {
namespace {

/// Limit for calls whose caller waits for the answer.
constexpr Milliseconds longest_look(10'000);

const BmcEndpoint& require_bmc(const Server& server) {
  if (server.bmc) return *server.bmc;
  throw Error(ErrorCode::precondition, fmt::format("{} has no BMC that netbootd knows", server.name.text()),
              fmt::format("Set it: netbootctl server bmc {}", server.name.text()));
}

/// Runs `work`; counts its failure.
InTurns counted(InTurns work) {
  try {
    co_await work;
  } catch (...) {
    ++counters().bmc_failures;
    throw;
  }
}

}  // namespace

InTurns BmcVisit::power(PowerState& found) { return counted(turns_.power(found)); }

InTurns BmcVisit::perform(PowerAction action, PowerState& reached) {
  return counted(perform_in_turns(turns_, action, limits_, clock_, reached));
}

InTurns BmcVisit::set_boot_device(BootDevice device, BootOverride& set) {
  return counted(set_boot_device_in_turns(turns_, {device}, firmware_, limits_, clock_, set));
}

InTurns BmcVisit::set_next_boot(BootDevice device, BootOverride& set) {
  return counted(set_next_boot_in_turns(turns_, device, firmware_, limits_, clock_, set));
}

class BmcAccess::Turn {
public:
  Turn(BmcAccess& access, const Server& server) : lines_(access.lines_), line_(line_of(server)) { lines_.take(line_); }
  ~Turn() {
    if (std::uncaught_exceptions() > exceptions_) ++counters().bmc_failures;
    lines_.give(line_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

private:
  BmcLines& lines_;
  const std::string line_;
  const int exceptions_ = std::uncaught_exceptions();
};

std::string BmcAccess::line_of(const Server& server) {
  const auto& bmc = require_bmc(server);
  return fmt::format("{} port {}", bmc.address, bmc.port);
}

std::unique_ptr<Bmc> BmcAccess::connect(const Server& server) const {
  const auto& bmc = require_bmc(server);
  return connect_(bmc, keys_.open(bmc.sealed_password));
}

std::unique_ptr<Bmc> BmcAccess::connect_soon(const Server& server) const {
  auto patience = patience_;
  patience.busy = std::min(patience.busy, longest_look);
  return std::make_unique<PatientBmc>(connect(server), patience, clock_, std::stop_token{});
}

std::unique_ptr<BmcVisit> BmcAccess::visit(const Server& server) {
  return std::make_unique<BmcVisit>(connect(server), server.firmware, patience_, limits_, clock_);
}

PowerState BmcAccess::power(const Server& server) {
  const Turn turn(*this, server);
  return connect_soon(server)->power();
}

BootOverride BmcAccess::set_boot_device_soon(const Server& server, BootOverride wanted) {
  const Turn turn(*this, server);
  auto limits = limits_;
  limits.settle = std::min(limits.settle, longest_look);
  return netboot::set_boot_device(*connect_soon(server), wanted, server.firmware, limits, clock_, {});
}

BmcCheck BmcAccess::check(const Server& server) {
  const Turn turn(*this, server);
  const auto bmc = connect_soon(server);
  BmcCheck found;
  found.power = bmc->power();
  found.facts = bmc->facts();
  try {
    found.boot_device = bmc->boot_device();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
  }
  return found;
}

}  // namespace rescue::netboot
