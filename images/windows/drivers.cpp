// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/drivers.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace rescue::windows {
namespace {

constexpr std::size_t largest_inf = 4U << 20U;
constexpr std::size_t largest_catalogue = 16U << 20U;
constexpr unsigned first_bad_storage_build = 272;
constexpr unsigned last_bad_storage_build = 294;

/// One driver of a rescue VM. Of two with the same purpose, the first that the medium has is taken.
struct Wanted {
  std::string_view name;
  std::string_view purpose;
  bool storage;
  bool essential;
};
constexpr std::array<Wanted, 9> wanted_drivers{{
    {"vioscsi", "disks (virtio-scsi)", true, true},
    {"viostor", "disks (virtio-blk)", true, false},
    {"NetKVM", "network", false, true},
    {"vioserial", "channel of the guest agent", false, true},
    {"Balloon", "memory balloon", false, false},
    {"viorng", "random numbers", false, false},
    {"viogpudo", "display", false, false},
    {"qxldod", "display", false, false},
    {"pvpanic", "report of a crash", false, false},
}};

std::string folder_of(std::string_view driver, Release release) {
  return fmt::format("{}/{}/amd64", driver, facts_of(release).drivers_folder);
}

const media::MediumFile* find_in(const media::Medium& medium, const std::string& folder, std::string_view suffix) {
  for (const auto* file : medium.below(folder)) {
    if (lower_case(file->path).ends_with(suffix)) return file;
  }
  return nullptr;
}

/// Releases for which the medium has a driver for disks.
std::string releases_on(const media::Medium& medium) {
  std::set<std::string> found;
  for (const auto* file : medium.below("vioscsi")) {
    const auto path = lower_case(file->path);
    const auto begin = path.find('/') + 1;
    if (path.find("/amd64/") != std::string::npos) found.insert(path.substr(begin, path.find('/', begin) - begin));
  }
  return fmt::format("{}", fmt::join(found, ", "));
}

[[noreturn]] void fail_without_release(const media::Medium& medium, Release release) {
  const auto& facts = facts_of(release);
  const auto others = releases_on(medium);
  if (others.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no virtio drivers", medium.name()),
                "Name virtio-win's ISO, or a folder with its layout (vioscsi/2k25/amd64, ...).");
  }
  throw Error(ErrorCode::precondition,
              fmt::format("{} has no drivers for {} ({}/amd64); it has {}", medium.name(), facts.title,
                          facts.drivers_folder, others),
              "Use a newer ISO of virtio-win, or another edition.");
}

void refuse_bad_storage_build(const media::Medium& medium, const Driver& driver) {
  const auto build = driver.version.virtio_build();
  if (!build || !damages_data(*build)) return;
  throw Error(ErrorCode::precondition,
              fmt::format("{} of {} is build {} ({}): builds {} to {} of the storage drivers damage data "
                          "(viostor corrupts the page file, vioscsi fails reads on Server 2025; "
                          "virtio-win issues 1614 and 1453)",
                          driver.name, medium.name(), *build, driver.version.text, first_bad_storage_build,
                          last_bad_storage_build),
              "Use an ISO of virtio-win with build 271 or older, 295 or newer, or Red Hat's 1.9.58 or newer.");
}

/// The models of a driver for 64-bit PCs are in a section with this decoration: "%RedHat% = VirtioScsi, NTamd64.10.0".
bool is_for_amd64(const Inf& inf) {
  for (const auto& manufacturer : inf.rows("Manufacturer")) {
    for (const auto& decoration : manufacturer) {
      if (lower_case(decoration).starts_with("ntamd64")) return true;
    }
  }
  return false;
}

Driver read_driver(const media::Medium& medium, const Wanted& wanted, const media::MediumFile& inf_file,
                   const std::string& folder) {
  const auto inf = Inf::parse(medium.read_all(inf_file, largest_inf));
  const auto stated = inf.value("Version", "DriverVer");
  const auto version = stated ? driver_version_of(*stated) : std::nullopt;
  if (!version) {
    throw Error(ErrorCode::precondition,
                fmt::format("{} of {} has no DriverVer that can be read", inf_file.path, medium.name()),
                "Use an ISO of virtio-win as its project publishes it.");
  }
  if (!is_for_amd64(inf)) {
    throw Error(ErrorCode::precondition, fmt::format("{} of {} is not for 64-bit PCs", inf_file.path, medium.name()),
                "Use an ISO of virtio-win as its project publishes it.");
  }
  Driver driver;
  driver.name = wanted.name;
  driver.purpose = wanted.purpose;
  driver.folder = folder;
  driver.inf = inf_file.path;
  driver.version = *version;
  if (const auto* catalogue = find_in(medium, folder, ".cat")) {
    driver.signature = signature_of_catalogue(medium.read_all(*catalogue, largest_catalogue));
  }
  return driver;
}

bool is_served(const DriverChoice& choice, std::string_view purpose) {
  for (const auto& driver : choice.drivers) {
    if (driver.purpose == purpose) return true;
  }
  for (const auto& missing : choice.missing) {
    if (missing.purpose == purpose) return true;
  }
  return false;
}

}  // namespace

bool damages_data(unsigned build) { return build >= first_bad_storage_build && build <= last_bad_storage_build; }

DriverChoice choose_drivers(const media::Medium& medium, Release release) {
  DriverChoice choice;
  for (const auto& wanted : wanted_drivers) {
    const auto folder = folder_of(wanted.name, release);
    const auto* inf = find_in(medium, folder, ".inf");
    if (inf == nullptr || is_served(choice, wanted.purpose)) continue;
    auto driver = read_driver(medium, wanted, *inf, folder);
    if (wanted.storage) refuse_bad_storage_build(medium, driver);
    choice.drivers.push_back(std::move(driver));
  }
  if (choice.drivers.empty()) fail_without_release(medium, release);
  for (const auto& wanted : wanted_drivers) {
    if (is_served(choice, wanted.purpose)) continue;
    choice.missing.push_back({std::string(wanted.name), std::string(wanted.purpose), wanted.essential});
  }
  return choice;
}

nlohmann::ordered_json json_of(const Driver& driver) {
  const auto build = driver.version.virtio_build();
  return {{"name", driver.name},
          {"purpose", driver.purpose},
          {"folder", driver.folder},
          {"inf", driver.inf},
          {"version", driver.version.text},
          {"date", driver.version.date},
          {"build", build ? nlohmann::ordered_json(*build) : nlohmann::ordered_json()},
          {"signature", name_of(driver.signature)}};
}

}  // namespace rescue::windows
