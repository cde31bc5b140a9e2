// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/volumes.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::domain {
namespace {

bool means(const DriveLetter& letter, const DiskFacts& disk, const PartitionFacts& partition) {
  if (!letter.partition_id.empty()) return letter.partition_id == partition.id;
  return !letter.disk_signature.empty() && letter.disk_signature == disk.id &&
         letter.partition_start == partition.start;
}

/// Letter that a Windows on any of the disks gives this partition.
std::string letter_of(const std::vector<InspectedDisk>& disks, const DiskFacts& disk, const PartitionFacts& partition) {
  for (const auto& other : disks) {
    for (const auto& windows : other.facts.windows) {
      for (const auto& letter : windows.letters) {
        if (means(letter, disk, partition)) return letter.letter;
      }
    }
  }
  return "";
}

FileAccess refused(std::string why, std::string remedy) { return {false, std::move(why), std::move(remedy), ""}; }

constexpr auto finish_first = "Finish the session first: rescuectl finish --then stay";

}  // namespace

std::vector<Volume> volumes_of(const std::vector<InspectedDisk>& disks) {
  std::vector<Volume> volumes;
  for (const auto& disk : disks) {
    for (const auto& partition : disk.facts.partitions) {
      if (partition.content != Content::ntfs) continue;
      Volume volume;
      volume.disk = disk.path;
      volume.partition = partition.number;
      volume.bytes = partition.bytes;
      volume.letter = letter_of(disks, disk.facts, partition);
      volume.label = partition.label;
      if (partition.ntfs) volume.problem = partition.ntfs->problem;
      const bool taken = std::any_of(volumes.begin(), volumes.end(),
                                     [&](const Volume& other) { return other.letter == volume.letter; });
      if (taken) volume.letter.clear();
      volumes.push_back(std::move(volume));
    }
  }
  return volumes;
}

nlohmann::json to_json(const Volume& volume) {
  return {{"disk", volume.disk},      {"device", volume.device}, {"partition", volume.partition},
          {"bytes", volume.bytes},    {"letter", volume.letter}, {"label", volume.label},
          {"problem", volume.problem}};
}

Volume volume_from(const nlohmann::json& json) {
  Volume volume;
  json.at("disk").get_to(volume.disk);
  json.at("device").get_to(volume.device);
  json.at("partition").get_to(volume.partition);
  json.at("bytes").get_to(volume.bytes);
  json.at("letter").get_to(volume.letter);
  json.at("label").get_to(volume.label);
  json.at("problem").get_to(volume.problem);
  return volume;
}

FileAccess file_access(const SessionRecord& record) {
  const bool guest_may_run = record.active() || record.may_be_in_effect(StepName::start_guest);
  if (!guest_may_run && !record.changes_undecided) return {};
  if (!record.plan)
    return refused("a session starts", "Wait until it serves, or finish it: rescuectl finish --then stay");
  switch (record.plan->guest.disk_mode) {
  case DiskMode::read_write:
    return refused("a session runs, and its guest may write to the disks", finish_first);
  case DiskMode::read_only:
    return {};
  case DiskMode::overlay:
    break;
  }
  if (record.phase == Phase::finishing) {
    return refused("the guest's changes are being written to the disks or dropped",
                   "Wait until the session has ended.");
  }
  return {true, "", "", "as before the session's changes: what its guest writes is kept apart"};
}

}  // namespace rescue::domain
