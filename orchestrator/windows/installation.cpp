// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/installation.hpp"

#include "core/disk/hive.hpp"
#include "core/disk/little_endian.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "orchestrator/windows/filetime.hpp"
#include "orchestrator/windows/guid.hpp"
#include "orchestrator/windows/registry_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace rescue::windows_disk {
namespace {

using domain::WindowsInstallation;
using domain::WindowsRole;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t largest_hive = 256U << 20U;
constexpr std::size_t most_windows = 4;
constexpr std::size_t most_dumps = 20;
const char* const config = "/System32/config/";

/// Reads the hives of one Windows, each once, and drops it again: some are large.
class Reader {
public:
  Reader(const disk::NtfsVolume& volume, const std::string& scratch, WindowsInstallation& windows)
      : volume_(volume), scratch_(scratch), windows_(windows) {}

  /// Values of these keys; null where the hive or the key is missing.
  std::vector<Json> read(const char* name, const std::vector<std::string>& keys) {
    std::vector<Json> all(keys.size());
    const auto path = "/" + windows_.folder + config + name;
    const auto state = volume_.state(path);
    if (!state) return all;
    if (state->wof_compressed) {  // without WOF it is zeros
      windows_.compressed_hives.emplace_back(name);
      return all;
    }
    try {
      disk::HiveFile copy(scratch_);
      if (!volume_.copy(path, largest_hive, copy.descriptor())) {
        windows_.damaged_hives.emplace_back(name);
        return all;
      }
      if (copy.is_dirty()) windows_.dirty_hives.emplace_back(name);
      const disk::Hive hive(std::move(copy));
      for (std::size_t i = 0; i < keys.size(); ++i) all[i] = hive.values_of(keys[i]);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::precondition) throw;  // no fault of the hive
      windows_.damaged_hives.emplace_back(name);
    }
    return all;
  }

private:
  const disk::NtfsVolume& volume_;
  const std::string& scratch_;
  WindowsInstallation& windows_;
};

/// The registry of Windows 11 says "Windows 10": its build is what tells them apart.
std::string product_of(const Json& version) {
  auto product = text_in(version, "ProductName");
  constexpr int first_11 = 22'000;
  int build = 0;
  const auto text = text_in(version, "CurrentBuildNumber");
  std::from_chars(text.data(), text.data() + text.size(), build);
  const std::string ten = "Windows 10";
  if (build >= first_11 && product.starts_with(ten)) product.replace(0, ten.size(), "Windows 11");
  return product;
}

void read_software(Reader& reader, WindowsInstallation& windows) {
  const auto values = reader.read("SOFTWARE", {"Microsoft\\Windows NT\\CurrentVersion",
                                               "Microsoft\\Windows\\CurrentVersion\\Component Based "
                                               "Servicing\\RebootPending"});
  const auto& version = values[0];
  windows.product = product_of(version);
  windows.edition = text_in(version, "EditionID");
  windows.build = text_in(version, "CurrentBuildNumber");
  if (const auto revision = number_in(version, "UBR")) windows.build += fmt::format(".{}", *revision);
  if (const auto time = number_in(version, "InstallTime")) windows.installed = time_of(*time);
  if (const auto seconds = number_in(version, "InstallDate"); seconds && !windows.installed) {
    windows.installed = WallTime(std::chrono::seconds(*seconds & 0xffff'ffffU));
  }
  windows.update_pending = !values[1].is_null();
}

WindowsRole role_of(const std::string& product_type) {
  // Values of ProductOptions\ProductType.
  if (product_type == "LanmanNT") return WindowsRole::domain_controller;
  if (product_type == "ServerNT") return WindowsRole::server;
  return product_type == "WinNT" ? WindowsRole::workstation : WindowsRole::unknown;
}

std::string architecture_of(const std::string& processor) {
  const auto name = lower_case(processor);
  if (name == "amd64") return "x86_64";
  return name == "arm64" ? "aarch64" : name;
}

void read_system(Reader& reader, WindowsInstallation& windows) {
  const std::string control = "CurrentControlSet\\Control\\";
  const auto values =
      reader.read("SYSTEM", {control + "ComputerName\\ComputerName", control + "TimeZoneInformation",
                             control + "Windows", control + "ProductOptions", control + "Session Manager\\Environment",
                             control + "Nls\\Language", "MountedDevices"});
  windows.computer_name = text_in(values[0], "ComputerName");
  windows.time_zone = text_in(values[1], "TimeZoneKeyName");
  const auto shutdown = bytes_of(text_in(values[2], "ShutdownTime"));
  if (shutdown.size() == sizeof(std::uint64_t))
    windows.last_shutdown = time_of(disk::number_at<std::uint64_t>(shutdown, 0));
  windows.role = role_of(text_in(values[3], "ProductType"));
  windows.architecture = architecture_of(text_in(values[4], "PROCESSOR_ARCHITECTURE"));
  windows.language = lower_case(text_in(values[5], "InstallLanguage"));
  windows.letters = letters_in(values[6]);
}

bool has_file(const disk::NtfsVolume& volume, const std::string& path) {
  const auto state = volume.state(path);
  return state && !state->folder && state->bytes > 0;
}

/// Loaders, and other files without which this Windows does not start.
void look_for_files(const disk::NtfsVolume& volume, WindowsInstallation& windows) {
  const auto system = "/" + windows.folder + "/System32/";
  windows.uefi_loader = has_file(volume, system + "winload.efi");
  windows.bios_loader = has_file(volume, system + "winload.exe");
  for (const std::string name :
       {"ntoskrnl.exe", "hal.dll", "config/SYSTEM", "config/SOFTWARE", "config/SAM", "config/SECURITY"}) {
    if (!has_file(volume, system + name)) windows.missing_files.push_back("System32/" + name);
  }
}

/// MEMORY.DMP, and the small dumps of single crashes.
std::vector<std::string> dumps_of(const disk::NtfsVolume& volume, const std::string& folder) {
  std::vector<std::string> dumps;
  if (volume.state("/" + folder + "/MEMORY.DMP")) dumps.push_back(folder + "/MEMORY.DMP");
  for (const auto& name : volume.names_in("/" + folder + "/Minidump")) {
    if (dumps.size() < most_dumps && lower_case(name).ends_with(".dmp")) {
      dumps.push_back(folder + "/Minidump/" + name);
    }
  }
  return dumps;
}

}  // namespace

std::vector<domain::DriveLetter> letters_in(const Json& mounted_devices) {
  std::vector<domain::DriveLetter> letters;
  if (!mounted_devices.is_object()) return letters;
  const std::string prefix = "\\dosdevices\\";
  for (const auto& [name, value] : mounted_devices.items()) {
    const auto key = lower_case(name);
    const bool is_letter = key.starts_with(prefix) && key.size() == prefix.size() + 2 && key.ends_with(':') &&
                           key[prefix.size()] >= 'a' && key[prefix.size()] <= 'z';
    if (!is_letter || !value.is_string()) continue;
    const auto letter = std::string(1, static_cast<char>(key[prefix.size()] - 'a' + 'A'));
    const auto bytes = bytes_of(value.get<std::string>());
    constexpr std::size_t mbr_form = 12;  // signature, offset
    constexpr std::size_t gpt_form = 24;  // "DMIO:ID:", GUID
    if (bytes.size() == mbr_form) {
      letters.push_back({letter, "", fmt::format("{:08x}", disk::number_at<std::uint32_t>(bytes, 0)),
                         disk::number_at<std::uint64_t>(bytes, 4)});
    } else if (bytes.size() == gpt_form && bytes.starts_with("DMIO:ID:")) {
      letters.push_back({letter, guid_of(bytes, 8), "", 0});
    }
  }
  std::sort(letters.begin(), letters.end(), [](const auto& one, const auto& two) { return one.letter < two.letter; });
  return letters;
}

namespace {

/// A folder with a registry, or with a kernel where somebody has lost the registry.
bool is_windows(const disk::NtfsVolume& volume, const std::string& folder) {
  return volume.state("/" + folder + config + "SYSTEM") || volume.state("/" + folder + config + "SOFTWARE") ||
         volume.state("/" + folder + "/System32/ntoskrnl.exe");
}

}  // namespace

std::vector<WindowsInstallation> installations_on(const disk::NtfsVolume& volume, unsigned partition,
                                                  const std::string& scratch) {
  std::vector<WindowsInstallation> all;
  for (const auto& name : volume.names_in("/")) {
    if (all.size() >= most_windows || !is_windows(volume, name)) continue;
    WindowsInstallation windows;
    windows.partition = partition;
    windows.folder = name;
    Reader reader(volume, scratch, windows);
    read_software(reader, windows);
    read_system(reader, windows);
    const auto preload = reader.read("DEFAULT", {"Keyboard Layout\\Preload"});
    windows.keyboard = lower_case(text_in(preload[0], "1"));
    // A transaction of the servicing stack that is carried out at the next start.
    if (volume.state("/" + name + "/WinSxS/pending.xml")) windows.update_pending = true;
    for (const auto* const hive : {"SAM", "SECURITY"}) (void)reader.read(hive, {});
    look_for_files(volume, windows);
    windows.crash_dumps = dumps_of(volume, name);
    all.push_back(std::move(windows));
  }
  return all;
}

}  // namespace rescue::windows_disk
