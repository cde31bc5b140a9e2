// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "images/prepared/contract_points.hpp"
#include "images/windows/drivers.hpp"
#include "images/windows/inf.hpp"

#include <fmt/format.h>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;

constexpr const char* install_new = "Install the driver of a virtio-win with build 271 or older, 295 or newer "
                                    "(`pnputil /add-driver *.inf /install`), and "
                                    "remove the others with `pnputil /delete-driver oemN.inf /uninstall`.";

/// Version in the INF of one package; empty if there is none that can be read.
std::optional<windows::DriverVersion> version_of(const Json& package) {
  const auto content = package.find("content");
  if (content == package.end() || !content->is_string()) return std::nullopt;
  const auto bytes = bytes_of_base64(content->get<std::string>());
  if (!bytes) return std::nullopt;
  const auto stated = windows::Inf::parse(*bytes).value("Version", "DriverVer");
  return stated ? windows::driver_version_of(*stated) : std::nullopt;
}

/// Every package in the DriverStore counts: Windows may choose any of them again.
Point version_point(const GuestFacts& facts, const std::string& driver) {
  const auto packages = facts.windows().value("drivers", Json::object()).value(driver, Json::array());
  Point point{driver + "-version", fmt::format("the version of {} does not damage data", driver), !packages.empty(), "",
              install_new};
  if (packages.empty()) point.found = "no package in the DriverStore";
  for (const auto& package : packages) {
    if (!point.found.empty()) point.found += ", ";
    if (package.value("wof_compressed", false)) {
      point.kept = false;
      point.found += "its INF is compressed by WOF, which is not read here";
      point.remedy = fmt::format("Uncompress it in the image: compact.exe /u /exe /i "
                                 "C:\\Windows\\System32\\DriverStore\\FileRepository\\{}\\*.inf",
                                 package.value("package", ""));
      return point;
    }
    const auto version = version_of(package);
    point.found += version ? version->text : "no DriverVer that can be read";
    if (!version) point.kept = false;
    const auto build = version ? version->virtio_build() : std::nullopt;
    if (build && windows::damages_data(*build)) {
      point.kept = false;
      point.found += fmt::format(" (build {} damages data)", *build);
    }
  }
  return point;
}

Point file_point(const GuestFacts& facts, const std::string& driver) {
  const auto name = fmt::format("System32/drivers/{}.sys", driver);
  const auto files = facts.windows().value("files", Json::object());
  const auto file = files.value(name, Json());
  const bool present = file.is_object() && file.value("bytes", 0U) > 0;
  return {driver + "-file", fmt::format("the file of {} is there", driver), present, present ? name : "no " + name,
          install_new};
}

}  // namespace

Points driver_points(const GuestFacts& facts) {
  Points points;
  for (const char* driver : {"vioscsi", "viostor"}) {
    points.push_back(file_point(facts, driver));
    points.push_back(version_point(facts, driver));
  }
  return points;
}

}  // namespace rescue::prepared
