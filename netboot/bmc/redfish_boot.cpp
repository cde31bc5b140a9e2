// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_boot.hpp"

#include "netboot/bmc/redfish_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// The best first.
const std::vector<std::string>& targets_of(BootDevice device) {
  static const std::vector<std::string> network{"Pxe", "UefiHttp"};
  static const std::vector<std::string> disk{"Hdd", "UefiTarget"};
  static const std::vector<std::string> none{"None"};
  return device == BootDevice::network ? network : device == BootDevice::disk ? disk : none;
}

bool holds(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> targets_in(const json& boot) {
  return texts_at(boot, {"BootSourceOverrideTarget@Redfish.AllowableValues"});
}

/// Where nothing is listed the common name is tried.
std::string target_for(const json& boot, BootDevice device) {
  const auto& names = targets_of(device);
  const auto listed = targets_in(boot);
  if (listed.empty()) return names.front();
  for (const auto& name : names) {
    // UefiTarget needs a path that nobody has told us.
    if (holds(listed, name) && name != "UefiTarget") return name;
  }
  if (device == BootDevice::none) return {};
  throw Error(ErrorCode::precondition,
              fmt::format("the BMC can't set {} as the boot device, but {}", name_of(device), fmt::join(listed, ", ")));
}

std::string mode_for(const json& boot, Firmware firmware) {
  const std::string mode = firmware == Firmware::bios ? "Legacy" : "UEFI";
  const auto listed = texts_at(boot, {"BootSourceOverrideMode@Redfish.AllowableValues"});
  const auto now = text_at(boot, {"BootSourceOverrideMode"});
  return listed.empty() || holds(listed, mode) ? mode : now;
}

}  // namespace

BootOverride boot_override_in(const json& boot) {
  const auto enabled = text_at(boot, {"BootSourceOverrideEnabled"});
  const auto target = text_at(boot, {"BootSourceOverrideTarget"});
  if (enabled.empty()) throw Error(ErrorCode::precondition, "the BMC does not tell the boot device");
  if (enabled == "Disabled") return {};
  const auto is_of = [&target](BootDevice device) { return holds(targets_of(device), target); };
  const auto device = is_of(BootDevice::network)                            ? BootDevice::network
                      : is_of(BootDevice::disk) || target == "UefiBootNext" ? BootDevice::disk
                                                                            : BootDevice::none;
  return {device, device != BootDevice::none && enabled == "Continuous"};
}

std::vector<BootDevice> boot_devices_in(const json& boot) {
  const auto listed = targets_in(boot);
  std::vector<BootDevice> devices;
  for (const auto device : {BootDevice::network, BootDevice::disk}) {
    const auto& names = targets_of(device);
    if (std::any_of(names.begin(), names.end(), [&](const auto& name) { return holds(listed, name); })) {
      devices.push_back(device);
    }
  }
  return devices;
}

bool knows_lasting(const json& boot) {
  const auto listed = texts_at(boot, {"BootSourceOverrideEnabled@Redfish.AllowableValues"});
  return boot.is_object() && boot.contains("BootSourceOverrideEnabled") &&
         (listed.empty() || holds(listed, "Continuous"));
}

json boot_change(const json& boot, BootOverride wanted, Firmware firmware, const RedfishQuirks& quirks) {
  const bool takes_back = wanted.device == BootDevice::none;
  const auto target = target_for(boot, wanted.device);
  json change;
  change["BootSourceOverrideEnabled"] = takes_back                              ? "Disabled"
                                        : wanted.lasting && knows_lasting(boot) ? "Continuous"
                                                                                : "Once";
  if (!takes_back || (quirks.whole_override && !target.empty())) change["BootSourceOverrideTarget"] = target;
  const auto now = text_at(boot, {"BootSourceOverrideMode"});
  const auto mode = takes_back ? now : mode_for(boot, firmware);
  const bool sends_mode = quirks.whole_override || (!takes_back && !now.empty() && mode != now);
  if (sends_mode && !quirks.mode_is_fixed && !mode.empty()) change["BootSourceOverrideMode"] = mode;
  return {{"Boot", change}};
}

}  // namespace rescue::netboot
