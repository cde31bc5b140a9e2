// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_bmc.hpp"

#include "core/log.hpp"
#include "netboot/bmc/redfish_boot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// The ResetTypes (DSP0268) that are this action, the best first.
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

/// Empty when none of them is listed; the first where nothing is listed at all.
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

const json& boot_of(const RedfishResource& resource) {
  static const json nothing = json::object();
  const auto boot = resource.body.find("Boot");
  return boot == resource.body.end() ? nothing : *boot;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
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
              wanted_system_.empty() ? fmt::format("the BMC at {} has several computer systems: {}", session_.url(),
                                                   fmt::join(names, ", "))
                                     : fmt::format("the BMC at {} has no computer system '{}', but {}", session_.url(),
                                                   wanted_system_, fmt::join(names, ", ")),
              "Say which one the server is: \"system\", or netbootctl server bmc --bmc-system.");
}

RedfishResource RedfishBmc::system() {
  if (system_path_.empty()) system_path_ = find_system();
  return session_.get(system_path_);
}

PowerState RedfishBmc::power() {
  const auto state = text_at(system().body, {"PowerState"});
  if (state.empty()) {
    throw Error(ErrorCode::unavailable, fmt::format("the BMC at {} does not tell the power state", session_.url()));
  }
  // PoweringOff is still on, and PoweringOn not yet.
  return state == "Off" || state == "PoweringOn" ? PowerState::off : PowerState::on;
}

std::vector<std::string> RedfishBmc::reset_types(const RedfishResource& system) {
  const auto actions = system.body.value("Actions", json::object());
  if (!actions.is_object()) return {};
  const auto reset = actions.value("#ComputerSystem.Reset", json::object());
  auto listed = texts_at(reset, {"ResetType@Redfish.AllowableValues"});
  const auto info = text_at(reset, {"@Redfish.ActionInfo"});
  if (!listed.empty() || info.empty()) return listed;
  const auto described = session_.get(info).body.value("Parameters", json::array());
  for (const auto& parameter : described) {
    if (text_at(parameter, {"Name"}) == "ResetType") return texts_at(parameter, {"AllowableValues"});
  }
  return {};
}

void RedfishBmc::control(PowerAction action) {
  const auto now = system();
  const auto listed = reset_types(now);
  const auto type = chosen(reset_types_of(action), listed);
  const auto target = text_at(now.body, {"Actions", "#ComputerSystem.Reset", "target"});
  if (type.empty() || target.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} can't do {}; it knows {}", session_.url(),
                                                     name_of(action), fmt::join(listed, ", ")));
  }
  session_.post(target, {{"ResetType", type}});
}

RedfishResource RedfishBmc::settings_of(RedfishResource system) {
  const auto path = text_at(system.body, {"@Redfish.Settings", "SettingsObject", "@odata.id"});
  if (path.empty()) return system;
  auto settings = session_.get(path);
  return settings.body.contains("Boot") ? settings : system;
}

const RedfishQuirks& RedfishBmc::quirks_for(const json& system) {
  const auto& root = session_.root();
  auto says = text_at(root, {"Vendor"}) + " " + text_at(root, {"Product"}) + " " + text_at(system, {"Manufacturer"});
  const auto oem = root.value("Oem", json::object());
  for (const auto& [name, value] : oem.items()) says += " " + name;
  return quirks_of(lower(std::move(says)));
}

void RedfishBmc::set_boot_device(BootOverride wanted, Firmware firmware) {
  const auto now = system();
  const auto settings = settings_of(now);
  const auto& quirks = quirks_for(now.body);
  // The pending settings may leave out what is possible.
  auto boot = boot_of(now);
  for (const auto& [key, value] : boot_of(settings).items()) boot[key] = value;
  try {
    session_.patch(settings.path, boot_change(boot, wanted, firmware, quirks), settings.etag);
  } catch (const Error& error) {
    if (!wanted.lasting || error.code() != ErrorCode::precondition) throw;
    log::info("the BMC at {} takes no lasting boot device: {}", session_.url(), error.what());
    session_.patch(settings.path, boot_change(boot, {wanted.device, false}, firmware, quirks),
                   settings_of(system()).etag);
  }
}

BootOverride RedfishBmc::boot_device() { return boot_override_in(boot_of(settings_of(system()))); }

/// Of the manager of this system, or of the first one.
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
  return text_at(session_.get(path).body, {"FirmwareVersion"});
}

BmcFacts RedfishBmc::facts() {
  const auto now = system();
  const auto settings = settings_of(now);
  BmcFacts facts;
  facts.vendor = text_at(session_.root(), {"Vendor"});
  if (facts.vendor.empty()) facts.vendor = text_at(now.body, {"Manufacturer"});
  facts.product = text_at(session_.root(), {"Product"});
  if (facts.product.empty()) facts.product = text_at(now.body, {"Model"});
  facts.firmware_version = manager_version(now.body);
  facts.system = last_segment(now.path);
  facts.login = session_.login();
  const auto listed = reset_types(now);
  for (const auto action : {PowerAction::on, PowerAction::off, PowerAction::reset, PowerAction::shutdown}) {
    if (!chosen(reset_types_of(action), listed).empty()) facts.power_actions.push_back(action);
  }
  facts.boot_devices = boot_devices_in(boot_of(now));
  facts.lasting = knows_lasting(boot_of(now));
  return facts;
}

}  // namespace rescue::netboot
