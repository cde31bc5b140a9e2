// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_bmc.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "netboot/bmc/redfish_boot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// The ResetTypes (DSP0268) for this action, the best first.
std::vector<std::string> reset_types_of(PowerAction action) {
  switch (action) {
  case PowerAction::on:
    return {"On", "ForceOn"};
  case PowerAction::off:
    return {"ForceOff"};
  case PowerAction::reset:
    return {"ForceRestart"};
  case PowerAction::shutdown:
    return {"GracefulShutdown"};
  case PowerAction::cycle:
  case PowerAction::restart:
    break;
  }
  return {};
}

/// Empty if none of them is listed; the first if the list is empty.
std::string chosen(const std::vector<std::string>& names, const std::vector<std::string>& listed) {
  if (names.empty() || listed.empty()) return names.empty() ? std::string{} : names.front();
  const auto found = std::find_first_of(names.begin(), names.end(), listed.begin(), listed.end());
  return found == names.end() ? std::string{} : *found;
}

std::vector<std::string> members_of(const json& collection) {
  std::vector<std::string> paths;
  const auto members = collection.value("Members", json::array());
  for (const auto& member : members) paths.push_back(text_at(member, {"@odata.id"}));
  return paths;
}

std::string last_segment(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path.substr(path.rfind('/') + 1);
}

/// An empty object without one. Throws `precondition` if it is no object.
json boot_of(const RedfishResource& resource, const std::string& url) {
  const auto boot = resource.body.find("Boot");
  if (boot == resource.body.end() || boot->is_null()) return json::object();
  if (boot->is_object()) return *boot;
  throw Error(ErrorCode::precondition,
              fmt::format("the BMC at {} shows a Boot at {} that can't be understood", url, resource.path),
              "Look at the BMC's firmware: its version, and whether there is a newer one.");
}

constexpr std::size_t longest_text = 200;

std::string shown(const json& value, std::initializer_list<const char*> keys) {
  return printable(text_at(value, keys), longest_text);
}

std::string shown(const std::vector<std::string>& texts) {
  return printable(fmt::format("{}", fmt::join(texts, ", ")), longest_text);
}

/// Runs a read before a change: if its answer is lost, the change was not requested.
template <class Look>
auto before_a_change(Look look) {
  try {
    return look();
  } catch (const OutcomeUnknown& error) {
    throw BmcSilent(error.what(), error.hint());
  }
}

}  // namespace

std::string RedfishBmc::find_system() {
  const auto collection = text_at(session_.root(), {"Systems", "@odata.id"});
  const auto paths = members_of(session_.get(collection).body);
  if (wanted_system_.empty() && paths.size() == 1) return paths.front();
  std::vector<std::string> names;
  for (const auto& path : paths) {
    names.push_back(last_segment(path));
    if (!wanted_system_.empty() && names.back() == wanted_system_) return path;
  }
  if (paths.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} knows no computer system", session_.url()));
  }
  throw Error(ErrorCode::precondition,
              wanted_system_.empty()
                  ? fmt::format("the BMC at {} has several computer systems: {}", session_.url(), shown(names))
                  : fmt::format("the BMC at {} has no computer system '{}', but {}", session_.url(), wanted_system_,
                                shown(names)),
              "Name the server's system: \"system\", or netbootctl server bmc --bmc-system.");
}

RedfishResource RedfishBmc::system() {
  if (system_path_.empty()) system_path_ = find_system();
  return session_.get(system_path_);
}

PowerState RedfishBmc::power() {
  const auto state = text_at(system().body, {"PowerState"});
  if (state.empty()) {
    throw OutcomeUnknown(ErrorCode::unavailable,
                         fmt::format("the BMC at {} does not report the power state", session_.url()));
  }
  // PoweringOff is still on; PoweringOn is not on yet.
  return state == "Off" || state == "PoweringOn" ? PowerState::off : PowerState::on;
}

std::vector<std::string> RedfishBmc::reset_types(const RedfishResource& system) {
  const auto actions = system.body.value("Actions", json::object());
  if (!actions.is_object()) return {};
  const auto reset = actions.value("#ComputerSystem.Reset", json::object());
  auto listed = texts_at(reset, {"ResetType@Redfish.AllowableValues"});
  const auto info = text_at(reset, {"@Redfish.ActionInfo"});
  if (!listed.empty() || info.empty()) return listed;
  const auto described = session_.get_if_shown(info);
  if (!described) return {};
  for (const auto& parameter : described->body.value("Parameters", json::array())) {
    if (text_at(parameter, {"Name"}) == "ResetType") return texts_at(parameter, {"AllowableValues"});
  }
  return {};
}

void RedfishBmc::control(PowerAction action) {
  std::vector<std::string> listed;
  const auto now = before_a_change([&] {
    auto found = system();
    listed = reset_types(found);
    return found;
  });
  const auto type = chosen(reset_types_of(action), listed);
  const auto target = text_at(now.body, {"Actions", "#ComputerSystem.Reset", "target"});
  if (type.empty() || target.empty()) {
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} can't do {}; it knows {}", session_.url(), name_of(action), shown(listed)));
  }
  const auto response = session_.try_post(target, {{"ResetType", type}});
  if (response.status < 300) return;
  // Statuses of some services just after a change of power, or if there is nothing to change.
  const bool may_be_done = response.status == 400 || response.status == 409;
  const auto wanted = action == PowerAction::on ? PowerState::on : PowerState::off;
  if (may_be_done && action != PowerAction::reset && before_a_change([this] { return power(); }) == wanted) {
    return log::info("the BMC at {} refuses {}, and the power is {} already", session_.url(), type, name_of(wanted));
  }
  session_.fail("POST", target, response);
}

RedfishResource RedfishBmc::settings_of(RedfishResource system) {
  const auto path = text_at(system.body, {"@Redfish.Settings", "SettingsObject", "@odata.id"});
  if (path.empty()) return system;
  auto settings = session_.get_if_shown(path);
  return settings && settings->body.contains("Boot") ? *std::move(settings) : system;
}

json RedfishBmc::boot_told_by(const RedfishResource& system, const RedfishResource& settings) const {
  auto pending = boot_of(settings, session_.url());
  return tells_override(pending) ? pending : boot_of(system, session_.url());
}

const RedfishQuirks& RedfishBmc::quirks_for(const json& system) {
  const auto& root = session_.root();
  auto says = text_at(root, {"Vendor"}) + " " + text_at(root, {"Product"}) + " " + text_at(system, {"Manufacturer"});
  const auto oem = root.value("Oem", json::object());
  for (const auto& [name, value] : oem.items()) says += " " + name;
  return quirks_of(lower_case(std::move(says)));
}

void RedfishBmc::set_boot_device(BootOverride wanted, Firmware firmware) {
  const auto now = system();
  const auto settings = settings_of(now);
  try {
    change_boot(now, settings, wanted, firmware);
  } catch (const BmcBusy&) {
    throw;
  } catch (const Error& error) {
    if (!wanted.lasting || error.code() != ErrorCode::precondition) throw;
    log::info("the BMC at {} takes no lasting boot device: {}", session_.url(), error.what());
    const auto again = system();
    change_boot(again, settings_of(again), {wanted.device, false}, firmware);
  }
}

/// Tries each known form of the change until the service accepts one.
void RedfishBmc::change_boot(const RedfishResource& system, const RedfishResource& settings, BootOverride wanted,
                             Firmware firmware) {
  // The pending settings may omit the allowable values.
  auto boot = boot_of(system, session_.url());
  const auto pending = boot_of(settings, session_.url());
  for (const auto& [key, value] : pending.items()) boot[key] = value;
  const auto changes = boot_changes(boot, wanted, firmware, quirks_for(system.body));
  std::optional<OutcomeUnknown> failed;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto answer = session_.try_patch(settings, changes[i], system.path);
    const auto status = answer.response.status;
    if (status < 300) return;
    // Some services answer this to requests that they do not understand; the network must not stay set.
    const bool is_odd = wanted.device == BootDevice::none && (status == 403 || status >= 500);
    try {
      session_.fail("PATCH", answer.path, answer.response);
    } catch (const BmcBusy&) {
      throw;
    } catch (const OutcomeUnknown& error) {
      if (!is_odd) throw;
      failed = error;
    } catch (const Error& error) {
      const bool is_another_tried = is_odd || error.code() == ErrorCode::precondition;
      if (!is_another_tried || (i + 1 == changes.size() && !failed)) throw;
    }
    log::info("the BMC at {} answers the change of the boot device with HTTP status {}", session_.url(), status);
  }
  if (failed) throw OutcomeUnknown(*failed);
}

BootOverride RedfishBmc::boot_device() {
  const auto now = system();
  auto boot = boot_told_by(now, settings_of(now));
  if (quirks_for(now.body).mode_is_fixed) boot.erase("BootSourceOverrideMode");
  return boot_override_in(boot);
}

/// The version of this system's manager, or of the first manager.
std::string RedfishBmc::manager_version(const json& system) {
  const auto links = system.value("Links", json::object());
  const auto managers = links.is_object() ? links.value("ManagedBy", json::array()) : json::array();
  auto path = managers.empty() ? std::string{} : text_at(managers.front(), {"@odata.id"});
  if (path.empty()) {
    const auto collection = text_at(session_.root(), {"Managers", "@odata.id"});
    if (collection.empty()) return {};
    const auto paths = members_of(session_.get(collection).body);
    if (paths.empty()) return {};
    path = paths.front();
  }
  return shown(session_.get(path).body, {"FirmwareVersion"});
}

BmcFacts RedfishBmc::facts() {
  const auto now = system();
  BmcFacts facts;
  facts.vendor = shown(session_.root(), {"Vendor"});
  if (facts.vendor.empty()) facts.vendor = shown(now.body, {"Manufacturer"});
  facts.product = shown(session_.root(), {"Product"});
  if (facts.product.empty()) facts.product = shown(now.body, {"Model"});
  try {
    facts.firmware_version = manager_version(now.body);
  } catch (const Error& error) {
    // Some BMCs hide the manager from users that may operate the server.
    log::info("the BMC at {} does not show its manager: {}", session_.url(), error.what());
  }
  facts.system = last_segment(now.path);
  facts.login = session_.login();
  const auto listed = reset_types(now);
  for (const auto action : {PowerAction::on, PowerAction::off, PowerAction::reset, PowerAction::shutdown}) {
    if (!chosen(reset_types_of(action), listed).empty()) facts.power_actions.push_back(action);
  }
  const auto boot = now.body.value("Boot", json::object());
  facts.boot_devices = boot_devices_in(boot);
  facts.lasting = knows_lasting(boot);
  return facts;
}

}  // namespace rescue::netboot
