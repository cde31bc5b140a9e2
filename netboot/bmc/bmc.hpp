// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The port to a server's BMC, whatever it speaks: single requests, as they were answered.

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

/// The BMC can't now, says so, and has done nothing: it may be asked again in a while.
class BmcBusy : public Error {
public:
  explicit BmcBusy(const std::string& message, std::string hint = {}, Milliseconds retry_after = {})
      : Error(ErrorCode::unavailable, message, std::move(hint)), retry_after_(retry_after) {}
  /// What the BMC asks for, unbounded; 0: nothing.
  [[nodiscard]] Milliseconds retry_after() const noexcept { return retry_after_; }

private:
  Milliseconds retry_after_;
};

/// As BmcBusy, but it does not say so: nothing answers, so that nothing was asked. A BMC that restarts is silent for a
/// minute or two.
class BmcSilent : public BmcBusy {
public:
  using BmcBusy::BmcBusy;
};

/// The request was sent, and no whole answer came: it may have been carried out.
class OutcomeUnknown : public Error {
public:
  using Error::Error;
};

/// What a BMC says of itself.
struct BmcFacts {
  std::string vendor;   ///< as it spells itself; empty where it does not tell
  std::string product;  ///< as above
  std::string firmware_version;
  std::string system;  ///< Redfish: the Id of the computer system
  std::string login;   ///< "session", "basic"; IPMI: "cipher suite 3, ADMINISTRATOR"
  std::vector<PowerAction> power_actions;
  std::vector<BootDevice> boot_devices;
  bool lasting = false;  ///< whether a boot device can be set for every boot
};

/// Every call blocks for an answer, for some seconds at most, and throws `bmc_denied` when the BMC refuses user,
/// password or privilege, `precondition` when it can't do that, BmcSilent, BmcBusy and OutcomeUnknown. Texts of a BMC
/// that these carry, and those in BmcFacts, are printable and short.
class Bmc {
public:
  Bmc() = default;
  virtual ~Bmc() = default;
  Bmc(const Bmc&) = delete;
  Bmc& operator=(const Bmc&) = delete;

  [[nodiscard]] virtual PowerState power() = 0;
  /// On, off, reset or shutdown; that it is done is for `power` to tell. Not for `cycle` and `restart`.
  virtual void control(PowerAction action) = 0;
  /// `none` takes back what was set. A BMC that knows no lasting device sets it for the next boot.
  virtual void set_boot_device(BootOverride wanted, Firmware firmware) = 0;
  /// What is set. Throws `precondition` where the BMC does not tell.
  [[nodiscard]] virtual BootOverride boot_device() = 0;
  /// Changes nothing.
  [[nodiscard]] virtual BmcFacts facts() = 0;
  /// Nobody waits any longer for what the BMC has put off. Sends nothing. True: the next call does it in another way.
  [[nodiscard]] virtual bool make_do() { return false; }
};

using BmcConnector = std::function<std::unique_ptr<Bmc>(const BmcEndpoint&, Secret password)>;

/// The BMC in the words that its kind speaks. Nothing is sent before the first call.
[[nodiscard]] std::unique_ptr<Bmc> connect_bmc(const BmcEndpoint& endpoint, Secret password);
/// `connect_bmc`; with `legacy_tls` for each endpoint, which takes effect where a certificate is pinned.
[[nodiscard]] BmcConnector bmc_connector(bool legacy_tls);

}  // namespace rescue::netboot
