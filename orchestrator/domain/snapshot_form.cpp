// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/snapshot_form.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace rescue::domain {
namespace {

using SnapshotJson = nlohmann::json;

constexpr std::size_t longest_record_text = 1000;
constexpr std::size_t most_records = 4096;
constexpr std::size_t largest_copy = 64U << 10U;

template <class T, class Write>
SnapshotJson array_of(const std::vector<T>& list, Write write) {
  auto json = SnapshotJson::array();
  for (const auto& item : list) json.push_back(write(item));
  return json;
}

SnapshotJson region_json(const RegionRecord& region) {
  return {{"name", region.name},
          {"start", region.start},
          {"bytes", region.bytes},
          {"sha256", region.sha256},
          {"copy", region.copy}};
}

SnapshotJson file_json(const FileRecord& file) {
  return {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}, {"modified", file.modified}};
}

SnapshotJson object_json(const BootObject& object) {
  return {{"id", object.id}, {"elements", array_of(object.elements, [](const BootElement& element) {
                                return SnapshotJson{{"type", element.type}, {"value", element.value}};
                              })}};
}

SnapshotJson volume_json(const VolumeRecord& volume) {
  return {{"number", volume.number},
          {"start", volume.start},
          {"bytes", volume.bytes},
          {"type", volume.type},
          {"id", volume.id},
          {"name", volume.name},
          {"active", volume.active},
          {"filesystem", volume.filesystem},
          {"boot_sector", volume.boot_sector},
          {"boot_sector_copy", volume.boot_sector_copy},
          {"files", array_of(volume.files, file_json)},
          {"files_cut", volume.files_cut},
          {"store", volume.store},
          {"store_problem", volume.store_problem},
          {"objects", array_of(volume.objects, object_json)},
          {"problem", volume.problem}};
}

SnapshotJson variable_json(const FirmwareVariable& variable) {
  return {{"name", variable.name}, {"value", variable.value}, {"sha256", variable.sha256}};
}

std::string text_at(const SnapshotJson& json, const char* name, std::size_t longest = longest_record_text) {
  return printable(json.at(name).get_ref<const std::string&>(), longest);
}
std::string copy_at(const SnapshotJson& json, const char* name) { return text_at(json, name, largest_copy); }
std::uint64_t count_at(const SnapshotJson& json, const char* name) {
  return json.at(name).get_ref<const SnapshotJson::number_unsigned_t&>();
}
bool flag_at(const SnapshotJson& json, const char* name) { return json.at(name).get_ref<const bool&>(); }

template <class Read>
auto records_at(const SnapshotJson& json, const char* name, Read read) {
  const auto& items = json.at(name).get_ref<const SnapshotJson::array_t&>();
  std::vector<decltype(read(items.front()))> all;
  for (const auto& item : items) {
    if (all.size() < most_records) all.push_back(read(item));
  }
  return all;
}

RegionRecord region_from(const SnapshotJson& json) {
  return {text_at(json, "name"), count_at(json, "start"), count_at(json, "bytes"), text_at(json, "sha256"),
          copy_at(json, "copy")};
}

FileRecord file_from(const SnapshotJson& json) {
  return {text_at(json, "path"), count_at(json, "bytes"), text_at(json, "sha256"), text_at(json, "modified")};
}

BootObject object_from(const SnapshotJson& json) {
  return {text_at(json, "id"), records_at(json, "elements", [](const SnapshotJson& element) {
            return BootElement{text_at(element, "type"), text_at(element, "value")};
          })};
}

VolumeRecord volume_from(const SnapshotJson& json) {
  VolumeRecord volume;
  volume.number = static_cast<unsigned>(count_at(json, "number"));
  volume.start = count_at(json, "start");
  volume.bytes = count_at(json, "bytes");
  volume.type = text_at(json, "type");
  volume.id = text_at(json, "id");
  volume.name = text_at(json, "name");
  volume.active = flag_at(json, "active");
  volume.filesystem = text_at(json, "filesystem");
  volume.boot_sector = text_at(json, "boot_sector");
  volume.boot_sector_copy = copy_at(json, "boot_sector_copy");
  volume.files = records_at(json, "files", file_from);
  volume.files_cut = flag_at(json, "files_cut");
  volume.store = text_at(json, "store");
  volume.store_problem = text_at(json, "store_problem");
  volume.objects = records_at(json, "objects", object_from);
  volume.problem = text_at(json, "problem");
  return volume;
}

DiskSnapshot disk_from(const SnapshotJson& json) {
  DiskSnapshot disk;
  disk.path = text_at(json, "path");
  disk.problem = text_at(json, "problem");
  disk.bytes = count_at(json, "bytes");
  disk.table = text_at(json, "table");
  disk.id = text_at(json, "id");
  disk.regions = records_at(json, "regions", region_from);
  disk.volumes = records_at(json, "volumes", volume_from);
  return disk;
}

}  // namespace

nlohmann::json to_json(const DiskSnapshot& snapshot) {
  return {{"path", snapshot.path},
          {"problem", snapshot.problem},
          {"bytes", snapshot.bytes},
          {"table", snapshot.table},
          {"id", snapshot.id},
          {"regions", array_of(snapshot.regions, region_json)},
          {"volumes", array_of(snapshot.volumes, volume_json)}};
}

nlohmann::json to_json(const ServerSnapshot& snapshot) {
  return {
      {"format", 1},
      {"session", snapshot.session},
      {"disks", array_of(snapshot.disks, [](const DiskSnapshot& disk) { return to_json(disk); })},
      {"firmware",
       {{"problem", snapshot.firmware.problem}, {"variables", array_of(snapshot.firmware.variables, variable_json)}}}};
}

nlohmann::json to_json(const SessionReport& report) {
  const auto change_json = [](const Change& change) {
    return SnapshotJson{
        {"code", name_of(change.code)}, {"disk", change.disk}, {"partition", change.partition}, {"text", change.text}};
  };
  return {
      {"changes", array_of(report.changes, change_json)}, {"unknown", report.unknown}, {"left_out", report.left_out}};
}

DiskSnapshot disk_snapshot_from(std::string_view text) {
  const auto json = parse_peer_json(text, largest_snapshot);
  try {
    return disk_from(json);
  } catch (const SnapshotJson::exception& error) {
    throw Error(ErrorCode::subprocess,
                fmt::format("the disk's snapshot is malformed: {}", printable(error.what(), longest_record_text)));
  }
}

ServerSnapshot server_snapshot_from(std::string_view text) {
  try {
    const auto json = SnapshotJson::parse(text);
    ServerSnapshot snapshot{text_at(json, "session"), records_at(json, "disks", disk_from), {}};
    const auto& firmware = json.at("firmware");
    snapshot.firmware.problem = text_at(firmware, "problem");
    snapshot.firmware.variables = records_at(firmware, "variables", [](const SnapshotJson& variable) {
      return FirmwareVariable{text_at(variable, "name"), text_at(variable, "value"), text_at(variable, "sha256")};
    });
    return snapshot;
  } catch (const SnapshotJson::exception& error) {
    throw Error(ErrorCode::io,
                fmt::format("the snapshot of the disks is damaged: {}", printable(error.what(), longest_record_text)));
  }
}

SessionReport session_report_from(const nlohmann::json& json) {
  SessionReport report;
  for (const auto& item : json.at("changes")) {
    const auto code = parse_word<ChangeCode>(item.at("code").get_ref<const std::string&>());
    if (!code) throw std::invalid_argument("unknown code of a change");
    report.changes.push_back({*code, item.at("disk"), item.at("partition"), item.at("text")});
  }
  json.at("unknown").get_to(report.unknown);
  json.at("left_out").get_to(report.left_out);
  return report;
}

}  // namespace rescue::domain
