// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/bmc_access.hpp"

#include "core/error.hpp"
#include "netboot/metrics/counters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace rescue::netboot {
namespace {

/// Somebody waits for the answer.
constexpr Milliseconds longest_look(10'000);

}  // namespace

/// BMCs get confused by two sessions at once, and two power actions undo each other.
class BmcAccess::Turn {
public:
  Turn(BmcAccess& access, const Server& server)
      : access_(access), server_(server.name.text()), has_bmc_(server.bmc.has_value()) {
    constexpr std::chrono::seconds patience(15);
    std::unique_lock lock(access_.mutex_);
    if (!access_.freed_.wait_for(lock, patience, [&] { return access_.busy_.insert(server_).second; })) {
      throw Error(ErrorCode::conflict, fmt::format("the BMC of {} is being spoken with", server_), "Try again.");
    }
  }
  ~Turn() {
    if (has_bmc_ && std::uncaught_exceptions() > exceptions_) ++counters().bmc_failures;
    {
      const std::lock_guard lock(access_.mutex_);
      access_.busy_.erase(server_);
    }
    access_.freed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

private:
  BmcAccess& access_;
  const std::string server_;
  const bool has_bmc_;
  const int exceptions_ = std::uncaught_exceptions();
};

std::unique_ptr<Bmc> BmcAccess::connect(const Server& server, Milliseconds busy, const std::stop_token& stop) const {
  if (!server.bmc) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no BMC that netbootd knows", server.name.text()),
                fmt::format("Tell it: netbootctl server bmc {}", server.name.text()));
  }
  auto patience = patience_;
  patience.busy = busy;
  return std::make_unique<PatientBmc>(connect_(*server.bmc, keys_.open(server.bmc->sealed_password)), patience, clock_,
                                      stop);
}

PowerState BmcAccess::power(const Server& server) {
  const Turn turn(*this, server);
  return connect(server, longest_look)->power();
}

PowerState BmcAccess::perform(const Server& server, PowerAction action, const std::stop_token& stop) {
  const Turn turn(*this, server);
  return netboot::perform(*connect(server, patience_.busy, stop), action, limits_, clock_, stop);
}

BootOverride BmcAccess::set_boot_device(const Server& server, BootDevice device, bool lasting,
                                        const std::stop_token& stop) {
  const Turn turn(*this, server);
  return netboot::set_boot_device(*connect(server, patience_.busy, stop), {device, lasting}, server.firmware, limits_,
                                  clock_, stop);
}

BootOverride BmcAccess::set_boot_device_soon(const Server& server, BootOverride wanted) {
  const Turn turn(*this, server);
  auto limits = limits_;
  limits.settle = std::min(limits.settle, longest_look);
  return netboot::set_boot_device(*connect(server, longest_look), wanted, server.firmware, limits, clock_, {});
}

BmcCheck BmcAccess::check(const Server& server) {
  const Turn turn(*this, server);
  const auto bmc = connect(server, longest_look);
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
