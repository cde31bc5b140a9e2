// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/storage_form.hpp"

#include "orchestrator/domain/fact_members.hpp"

namespace rescue::domain {
namespace {

using StorageJson = nlohmann::json;

BitLockerProtector protector_in(const StorageJson& json) {
  const Members members(json);
  return {members.word<BitLockerKey>("kind"), members.text("id")};
}

DynamicMember member_in(const StorageJson& json) {
  const Members members(json);
  return {members.text("id"), members.text("name")};
}

DynamicVolume volume_in(const StorageJson& json) {
  const Members members(json);
  DynamicVolume volume;
  volume.name = members.text("name");
  volume.id = members.text("id");
  volume.kind = members.word<DynamicKind>("kind");
  volume.bytes = members.number("bytes");
  volume.hint = members.text("hint");
  volume.copies =
      members.list("copies", [](const StorageJson& copy) { return DynamicCopy{Members(copy).texts("disks")}; });
  return volume;
}

RaidVolume raid_volume_in(const StorageJson& json) {
  const Members members(json);
  return {members.text("name"), static_cast<unsigned>(members.number("level")), members.number("bytes"),
          members.word<RaidState>("state")};
}

}  // namespace

StorageJson bitlocker_json(const std::optional<BitLockerVolume>& volume) {
  if (!volume) return nullptr;
  const auto protector_json = [](const BitLockerProtector& protector) {
    return StorageJson{{"kind", name_of(protector.kind)}, {"id", protector.id}};
  };
  return {{"problem", volume->problem},
          {"id", volume->id},
          {"method", volume->method},
          {"description", volume->description},
          {"created", time_json(volume->created)},
          {"state", name_of(volume->state)},
          {"to_go", volume->to_go},
          {"protectors", list_json(volume->protectors, protector_json)}};
}

std::optional<BitLockerVolume> bitlocker_in(const StorageJson& json) {
  if (json.is_null()) return std::nullopt;
  const Members members(json);
  BitLockerVolume volume;
  volume.problem = members.text("problem");
  volume.id = members.text("id");
  volume.method = members.text("method");
  volume.description = members.text("description");
  volume.created = members.time("created");
  volume.state = members.word<BitLockerState>("state");
  volume.to_go = members.flag("to_go");
  volume.protectors = members.list("protectors", protector_in);
  return volume;
}

StorageJson dynamic_json(const std::optional<DynamicDisk>& disk) {
  if (!disk) return nullptr;
  const auto member_json = [](const DynamicMember& member) {
    return StorageJson{{"id", member.id}, {"name", member.name}};
  };
  const auto copy_json = [](const DynamicCopy& copy) { return StorageJson{{"disks", copy.disks}}; };
  const auto volume_json = [&](const DynamicVolume& volume) {
    return StorageJson{{"name", volume.name},   {"id", volume.id},     {"kind", name_of(volume.kind)},
                       {"bytes", volume.bytes}, {"hint", volume.hint}, {"copies", list_json(volume.copies, copy_json)}};
  };
  return {{"problem", disk->problem},
          {"id", disk->id},
          {"group_id", disk->group_id},
          {"group", disk->group},
          {"sequence", disk->sequence},
          {"disks", list_json(disk->disks, member_json)},
          {"volumes", list_json(disk->volumes, volume_json)}};
}

std::optional<DynamicDisk> dynamic_in(const StorageJson& json) {
  if (json.is_null()) return std::nullopt;
  const Members members(json);
  DynamicDisk disk;
  disk.problem = members.text("problem");
  disk.id = members.text("id");
  disk.group_id = members.text("group_id");
  disk.group = members.text("group");
  disk.sequence = members.number("sequence");
  disk.disks = members.list("disks", member_in);
  disk.volumes = members.list("volumes", volume_in);
  return disk;
}

StorageJson raid_json(const std::optional<FirmwareRaid>& raid) {
  if (!raid) return nullptr;
  const auto volume_json = [](const RaidVolume& volume) {
    return StorageJson{
        {"name", volume.name}, {"level", volume.level}, {"bytes", volume.bytes}, {"state", name_of(volume.state)}};
  };
  return {{"problem", raid->problem},
          {"id", raid->id},
          {"generation", raid->generation},
          {"members", raid->members},
          {"volumes", list_json(raid->volumes, volume_json)}};
}

std::optional<FirmwareRaid> raid_in(const StorageJson& json) {
  if (json.is_null()) return std::nullopt;
  const Members members(json);
  FirmwareRaid raid;
  raid.problem = members.text("problem");
  raid.id = members.text("id");
  raid.generation = members.number("generation");
  raid.members = members.texts("members");
  raid.volumes = members.list("volumes", raid_volume_in);
  return raid;
}

}  // namespace rescue::domain
