// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The port to a server's BMC, for every protocol: single requests and their answers.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/secret.hpp"
#include "netboot/domain/bmc.hpp"
#include "netboot/domain/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rescue::netboot {

/// The BMC reported that it can't do it now, and has done nothing: retry later.
class BmcBusy : public Error {
public:
  explicit BmcBusy(const std::string& message, std::string hint = {}, Milliseconds retry_after = {})
      : Error(ErrorCode::unavailable, message, std::move(hint)), retry_after_(retry_after) {}
  /// The wait that the BMC asks for, unbounded; 0: none.
  [[nodiscard]] Milliseconds retry_after() const noexcept { return retry_after_; }

private:
  Milliseconds retry_after_;
};

/// Like BmcBusy, but nothing answered, so nothing was requested. A BMC that restarts is silent for a minute or two.
class BmcSilent : public BmcBusy {
public:
  using BmcBusy::BmcBusy;
};

/// The request was sent, but no complete answer came: the BMC may have carried it out.
class OutcomeUnknown : public Error {
public:
  using Error::Error;
};

/// Data that a BMC reports about itself.
struct BmcFacts {
  std::string vendor;   ///< in its own spelling; empty: unknown
  std::string product;  ///< like `vendor`
  std::string firmware_version;
  std::string system;  ///< Redfish: the Id of the computer system
  std::string login;   ///< "session", "basic"; IPMI: "cipher suite 3, ADMINISTRATOR"
  std::vector<PowerAction> power_actions;
  std::vector<BootDevice> boot_devices;
  bool lasting = false;  ///< whether a boot device can be set for every boot
};

/// Every call blocks for an answer, for some seconds at most, and throws `bmc_denied` if the BMC refuses user, password
/// or privilege, `precondition` if it does not support the request, BmcSilent, BmcBusy and OutcomeUnknown. Texts of a
/// BMC in these errors and in BmcFacts are printable and short.
class Bmc {
public:
  Bmc() = default;
  virtual ~Bmc() = default;
  Bmc(const Bmc&) = delete;
  Bmc& operator=(const Bmc&) = delete;

  [[nodiscard]] virtual PowerState power() = 0;
  /// Requests on, off, reset or shutdown; `power` shows whether it is done. Not for `cycle` and `restart`.
  virtual void control(PowerAction action) = 0;
  /// `none` clears the device. A BMC without lasting devices sets it for the next boot.
  virtual void set_boot_device(BootOverride wanted, Firmware firmware) = 0;
  /// Throws `precondition` if the BMC does not show it.
  [[nodiscard]] virtual BootOverride boot_device() = 0;
  /// Only reads.
  [[nodiscard]] virtual BmcFacts facts() = 0;
  /// Stops waiting for what the BMC postponed. Sends nothing. True: the next call uses another method.
  [[nodiscard]] virtual bool make_do() { return false; }
};

using BmcConnector = std::function<std::unique_ptr<Bmc>(const BmcEndpoint&, Secret password)>;

/// Uses the protocol of the BMC's kind. Sends nothing before the first call.
[[nodiscard]] std::unique_ptr<Bmc> connect_bmc(const BmcEndpoint& endpoint, Secret password);
/// Returns `connect_bmc`, with `legacy_tls` for each endpoint; it takes effect where a certificate is pinned.
[[nodiscard]] BmcConnector bmc_connector(bool legacy_tls);

}  // namespace rescue::netboot
