// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/firmware.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

#include <fnmatch.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

namespace rescue::vm {
namespace {

using nlohmann::json;

/// Descriptor files by name.
std::map<std::string, std::string> descriptors(const std::vector<std::string>& folders) {
  std::map<std::string, std::string> found;
  for (const auto& folder : folders) {
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
      if (entry.path().extension() == ".json") found.emplace(entry.path().filename().string(), entry.path().string());
    }
  }
  return found;
}

bool runs_q35(const json& descriptor) {
  for (const auto& target : descriptor.at("targets")) {
    if (target.at("architecture") != "x86_64") continue;
    for (const auto& machine : target.at("machines")) {
      if (::fnmatch(machine.get_ref<const std::string&>().c_str(), "pc-q35-7.2", 0) == 0) return true;
    }
  }
  return false;
}

bool is_suitable(const json& descriptor) {
  const auto& interfaces = descriptor.at("interface-types");
  const auto& features = descriptor.at("features");
  const auto has = [](const json& list, const char* word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  const auto& mapping = descriptor.at("mapping");
  return has(interfaces, "uefi") && !has(features, "secure-boot") && !has(features, "enrolled-keys") &&
         !has(features, "requires-smm") && mapping.at("device") == "flash" && mapping.contains("nvram-template") &&
         runs_q35(descriptor);
}

/// None for a descriptor of something else, and for one that can't be read.
std::optional<UefiFirmware> firmware_of(const std::string& path) {
  try {
    const auto descriptor = json::parse(read_file(path));
    if (!is_suitable(descriptor)) return std::nullopt;
    const auto& mapping = descriptor.at("mapping");
    const auto& code = mapping.at("executable");
    const auto& variables = mapping.at("nvram-template");
    return UefiFirmware{code.at("filename"), code.at("format"), variables.at("filename"), variables.at("format")};
  } catch (const json::exception& error) {
    log::debug("the firmware descriptor {} is ignored: {}", path, error.what());
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> firmware_folders() { return {"/etc/qemu/firmware", "/usr/share/qemu/firmware"}; }

UefiFirmware find_uefi_firmware(const std::vector<std::string>& folders) {
  for (const auto& [name, path] : descriptors(folders)) {
    if (auto found = firmware_of(path)) return *found;
  }
  throw Error(ErrorCode::not_found, "QEMU has no UEFI firmware for x86-64 without Secure Boot",
              "Install the package ovmf.");
}

}  // namespace rescue::vm
