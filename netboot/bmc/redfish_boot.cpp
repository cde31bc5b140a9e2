// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_boot.hpp"

#include "core/printable.hpp"
#include "netboot/bmc/redfish_session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr std::size_t longest_list = 200;

/// Names of the device, the best first.
const std::vector<std::string>& targets_of(BootDevice device) {
  static const std::vector<std::string> network{"Pxe", "UefiHttp"};
  static const std::vector<std::string> disk{"Hdd", "UefiTarget"};
  return device == BootDevice::network ? network : disk;
}

bool holds(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::vector<std::string> targets_in(const json& boot) {
  return texts_at(boot, {"BootSourceOverrideTarget@Redfish.AllowableValues"});
}

/// The common name if no names are listed.
std::string target_for(const json& boot, BootDevice device) {
  const auto& names = targets_of(device);
  const auto listed = targets_in(boot);
  if (listed.empty()) return names.front();
  for (const auto& name : names) {
    // UefiTarget needs a path that we do not have.
    if (holds(listed, name) && name != "UefiTarget") return name;
  }
  throw Error(ErrorCode::precondition,
              fmt::format("the BMC can't set {} as the boot device, but {}", name_of(device),
                          printable(fmt::format("{}", fmt::join(listed, ", ")), longest_list)));
}

std::string mode_for(const json& boot, Firmware firmware) {
  const std::string mode = firmware == Firmware::bios ? "Legacy" : "UEFI";
  const auto listed = texts_at(boot, {"BootSourceOverrideMode@Redfish.AllowableValues"});
  const auto now = text_at(boot, {"BootSourceOverrideMode"});
  return listed.empty() || holds(listed, mode) ? mode : now;
}

/// None if the mode can't be chosen, or is not shown.
std::optional<Firmware> mode_in(const json& boot) {
  const auto mode = text_at(boot, {"BootSourceOverrideMode"});
  const auto listed = texts_at(boot, {"BootSourceOverrideMode@Redfish.AllowableValues"});
  if (!listed.empty() && !(holds(listed, "UEFI") && holds(listed, "Legacy"))) return std::nullopt;
  if (mode == "UEFI") return Firmware::uefi;
  if (mode == "Legacy") return Firmware::bios;
  return std::nullopt;
}

/// Changes that clear a boot device, the best first. Where None is not a target the disk is the next best: the network
/// must not stay set.
std::vector<json> ways_back(const json& boot, const std::string& mode, bool is_whole) {
  const auto listed = targets_in(boot);
  std::vector<json> ways;
  const auto add = [&](const std::string& enabled, const std::string& target) {
    json change{{"BootSourceOverrideEnabled", enabled}};
    if (!target.empty()) change["BootSourceOverrideTarget"] = target;
    if (!mode.empty()) change["BootSourceOverrideMode"] = mode;
    ways.push_back({{"Boot", change}});
  };
  const auto none = listed.empty() || holds(listed, "None") ? "None" : "";
  if (!is_whole) add("Disabled", {});
  if (*none != '\0') add("Disabled", none);
  // Before the current target: OpenStack's emulator reads the target only.
  const bool has_disk = listed.empty() || holds(listed, "Hdd");
  if (has_disk) add("Disabled", "Hdd");
  const auto now = text_at(boot, {"BootSourceOverrideTarget"});
  if (!now.empty() && now != "None" && now != "Hdd") add("Disabled", now);
  if (has_disk) add("Once", "Hdd");
  return ways;
}

}  // namespace

bool tells_override(const json& boot) { return !text_at(boot, {"BootSourceOverrideEnabled"}).empty(); }

BootOverride boot_override_in(const json& boot) {
  const auto enabled = text_at(boot, {"BootSourceOverrideEnabled"});
  const auto target = text_at(boot, {"BootSourceOverrideTarget"});
  if (enabled.empty()) throw Error(ErrorCode::precondition, "the BMC does not report the boot device");
  if (enabled == "Disabled") return {};
  const auto is_of = [&target](BootDevice device) { return holds(targets_of(device), target); };
  const auto device = is_of(BootDevice::network)                            ? BootDevice::network
                      : is_of(BootDevice::disk) || target == "UefiBootNext" ? BootDevice::disk
                                                                            : BootDevice::none;
  if (device == BootDevice::none) return {};
  return {device, enabled == "Continuous", mode_in(boot)};
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

std::vector<json> boot_changes(const json& boot, BootOverride wanted, Firmware firmware, const RedfishQuirks& quirks) {
  const bool takes_back = wanted.device == BootDevice::none;
  const auto now = text_at(boot, {"BootSourceOverrideMode"});
  // Where no mode is shown none is sent, except to services that need the whole override.
  const bool sends_mode = !quirks.mode_is_fixed && (quirks.whole_override || !now.empty());
  const auto mode = !sends_mode ? std::string{} : takes_back ? now : mode_for(boot, firmware);
  if (takes_back) return ways_back(boot, mode, quirks.whole_override);
  json change{{"BootSourceOverrideEnabled", wanted.lasting && knows_lasting(boot) ? "Continuous" : "Once"},
              {"BootSourceOverrideTarget", target_for(boot, wanted.device)}};
  std::vector<json> ways;
  if (!mode.empty()) {
    auto with_mode = change;
    with_mode["BootSourceOverrideMode"] = mode;
    ways.push_back({{"Boot", with_mode}});
  }
  // Omits a mode that is already right: not every service lets it be written.
  if (mode.empty() || mode == now) ways.push_back({{"Boot", change}});
  return ways;
}

}  // namespace rescue::netboot
