// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/ntfs/query.hpp"

#include "core/base64.hpp"
#include "core/disk/hive.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "core/disk/partitions.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <memory>

namespace rescue::ntfs {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t largest_hive = 256U << 20U;
constexpr std::uint64_t largest_content = 256U << 10U;
constexpr std::size_t most_packages = 16;  // of one driver in the DriverStore
constexpr std::size_t most_windows = 4;
const char* const driver_store = "/System32/DriverStore/FileRepository";

/// A Windows folder on a volume.
struct Windows {
  const disk::NtfsVolume& volume;
  std::string folder;  ///< "/Windows"
};

std::vector<std::string> windows_folders(const disk::NtfsVolume& volume) {
  std::vector<std::string> folders;
  for (const auto& name : volume.names_in("/")) {
    const auto folder = "/" + name;
    if (folders.size() < most_windows && volume.state(folder + "/System32/config/SYSTEM")) folders.push_back(folder);
  }
  return folders;
}

/// One hive with the keys that were asked for. An error is part of the answer: other hives may be readable.
Json hive_answer(const Windows& windows, const std::string& name, const Query& query) {
  const auto path = windows.folder + "/System32/config/" + name;
  const auto bytes = windows.volume.read(path, largest_hive);
  if (!bytes) {
    return {{"present", windows.volume.state(path).has_value()}, {"error", "can't be read"}};
  }
  Json result{{"present", true}, {"dirty", disk::is_dirty_hive(*bytes)}, {"keys", Json::object()}};
  try {
    const disk::Hive hive(*bytes);
    for (const auto& wanted : query.registry) {
      if (wanted.hive == name) result["keys"][wanted.key] = hive.values_of(wanted.key);
    }
  } catch (const Error& error) {
    result["error"] = error.what();
  }
  return result;
}

Json file_answer(const Windows& windows, const std::string& name) {
  const auto state = windows.volume.state(windows.folder + "/" + name);
  if (!state) return nullptr;
  return {{"bytes", state->bytes}, {"wof_compressed", state->wof_compressed}};
}

Json content_answer(const Windows& windows, const std::string& name) {
  auto result = file_answer(windows, name);
  if (result.is_null()) return result;
  const auto content = windows.volume.read(windows.folder + "/" + name, largest_content);
  result["content"] = content ? Json(base64_of(*content)) : Json();
  return result;
}

/// Packages of a driver: "vioscsi.inf_amd64_0123456789abcdef", each with its INF.
Json driver_answer(const Windows& windows, const std::vector<std::string>& packages, const std::string& driver) {
  auto all = Json::array();
  const auto inf = lower_case(driver) + ".inf";
  for (const auto& package : packages) {
    if (!lower_case(package).starts_with(inf + "_") || all.size() >= most_packages) continue;
    auto entry = content_answer(windows, std::string(driver_store).substr(1) + "/" + package + "/" + inf);
    if (entry.is_null()) continue;
    entry["package"] = package;
    all.push_back(std::move(entry));
  }
  return all;
}

Json windows_answer(const Windows& windows, const Query& query) {
  Json hives = Json::object();
  for (const auto& wanted : query.registry) {
    if (!hives.contains(wanted.hive)) hives[wanted.hive] = hive_answer(windows, wanted.hive, query);
  }
  Json files = Json::object();
  for (const auto& name : query.files) files[name] = file_answer(windows, name);
  Json content = Json::object();
  for (const auto& name : query.content) content[name] = content_answer(windows, name);
  Json drivers = Json::object();
  const auto packages = windows.volume.names_in(windows.folder + driver_store);
  for (const auto& name : query.drivers) drivers[name] = driver_answer(windows, packages, name);
  return {{"folder", windows.folder.substr(1)},
          {"hives", std::move(hives)},
          {"files", std::move(files)},
          {"content", std::move(content)},
          {"drivers", std::move(drivers)}};
}

Json volume_answer(const NbdDisk& disk, const disk::Partition& partition, const Query& query) {
  Json result = Json::object();
  try {
    const disk::NtfsVolume volume(disk, partition.start, partition.bytes);
    result = {{"dirty", volume.dirty()},
              {"journal_unclean", volume.journal_is_unclean()},
              {"hibernated", volume.hibernated()},
              {"hibernation_file", volume.state("/hiberfil.sys").has_value()},
              {"windows", Json::array()}};
    for (const auto& folder : windows_folders(volume)) {
      result["windows"].push_back(windows_answer({volume, folder}, query));
    }
  } catch (const Error& error) {
    result["error"] = error.what();
  }
  return result;
}

std::vector<std::string> texts(const Json& query, const char* field) {
  return query.value(field, std::vector<std::string>());
}

}  // namespace

Query parse_query(const std::string& text) {
  try {
    const auto json = Json::parse(text);
    Query query;
    for (const auto& pair : json.value("registry", Json::array())) {
      query.registry.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
    }
    query.files = texts(json, "files");
    query.content = texts(json, "content");
    query.drivers = texts(json, "drivers");
    return query;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::usage, std::string("the query on stdin is not valid: ") + error.what(),
                "See rescue-ntfs-read(1) for its form.");
  }
}

Json answer(const NbdDisk& disk, const Query& query) {
  const auto table = disk::read_partitions(disk);
  Json result{{"bytes", disk.size()}, {"table", table.kind}, {"partitions", Json::array()}};
  for (const auto& partition : table.partitions) {
    Json entry{{"number", partition.number}, {"start", partition.start},   {"bytes", partition.bytes},
               {"type", partition.type},     {"active", partition.active}, {"filesystem", partition.filesystem}};
    if (partition.filesystem == "ntfs") entry["volume"] = volume_answer(disk, partition, query);
    result["partitions"].push_back(std::move(entry));
  }
  return result;
}

}  // namespace rescue::ntfs
