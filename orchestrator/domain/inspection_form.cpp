// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/inspection_form.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"
#include "orchestrator/domain/fact_members.hpp"
#include "orchestrator/domain/storage_form.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

using Json = nlohmann::json;

Json ntfs_json(const std::optional<NtfsState>& state) {
  if (!state) return nullptr;
  return {{"dirty", state->dirty},
          {"journal_unclean", state->journal_unclean},
          {"hibernated", state->hibernated},
          {"problem", state->problem}};
}

Json partition_json(const PartitionFacts& facts) {
  return {{"number", facts.number},
          {"start", facts.start},
          {"bytes", facts.bytes},
          {"type", facts.type},
          {"id", facts.id},
          {"name", facts.name},
          {"active", facts.active},
          {"content", name_of(facts.content)},
          {"content_name", facts.content_name},
          {"label", facts.label},
          {"ntfs", ntfs_json(facts.ntfs)},
          {"bitlocker", bitlocker_json(facts.bitlocker)}};
}

Json letter_json(const DriveLetter& letter) {
  return {{"letter", letter.letter},
          {"partition_id", letter.partition_id},
          {"disk_signature", letter.disk_signature},
          {"partition_start", letter.partition_start}};
}

Json windows_json(const WindowsInstallation& windows) {
  return {{"partition", windows.partition},
          {"folder", windows.folder},
          {"product", windows.product},
          {"edition", windows.edition},
          {"build", windows.build},
          {"architecture", windows.architecture},
          {"computer_name", windows.computer_name},
          {"time_zone", windows.time_zone},
          {"language", windows.language},
          {"keyboard", windows.keyboard},
          {"role", name_of(windows.role)},
          {"installed", time_json(windows.installed)},
          {"last_shutdown", time_json(windows.last_shutdown)},
          {"dirty_hives", windows.dirty_hives},
          {"damaged_hives", windows.damaged_hives},
          {"uefi_loader", windows.uefi_loader},
          {"bios_loader", windows.bios_loader},
          {"missing_files", windows.missing_files},
          {"update_pending", windows.update_pending},
          {"crash_dumps", windows.crash_dumps},
          {"letters", list_json(windows.letters, letter_json)},
          {"compressed_hives", windows.compressed_hives}};
}

Json device_json(const BootDevice& device) {
  return {{"known", device.known},
          {"boot", device.boot},
          {"partition_id", device.partition_id},
          {"disk_id", device.disk_id},
          {"partition_start", device.partition_start}};
}

Json entry_json(const BootEntry& entry) {
  return {{"id", entry.id},
          {"description", entry.description},
          {"path", entry.path},
          {"folder", entry.folder},
          {"device", device_json(entry.device)},
          {"os_device", device_json(entry.os_device)},
          {"default", entry.is_default}};
}

Json boot_json(const BootFiles& boot) {
  return {{"partition", boot.partition},
          {"uefi", boot.uefi},
          {"manager", boot.manager},
          {"fallback", boot.fallback},
          {"store", name_of(boot.store)},
          {"store_dirty", boot.store_dirty},
          {"entries", list_json(boot.entries, entry_json)},
          {"problem", boot.problem}};
}

std::optional<NtfsState> ntfs_in(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const Members members(json);
  return NtfsState{members.flag("dirty"), members.flag("journal_unclean"), members.flag("hibernated"),
                   members.text("problem")};
}

PartitionFacts partition_in(const Json& json) {
  const Members members(json);
  PartitionFacts facts;
  facts.number = static_cast<unsigned>(members.number("number"));
  facts.start = members.number("start");
  facts.bytes = members.number("bytes");
  facts.type = members.text("type");
  facts.id = members.text("id");
  facts.name = members.text("name");
  facts.active = members.flag("active");
  facts.content = members.word<Content>("content");
  facts.content_name = members.text("content_name");
  facts.label = members.text("label");
  facts.ntfs = ntfs_in(members.raw("ntfs"));
  facts.bitlocker = bitlocker_in(members.raw("bitlocker"));
  return facts;
}

DriveLetter letter_in(const Json& json) {
  const Members members(json);
  return {members.text("letter"), members.text("partition_id"), members.text("disk_signature"),
          members.number("partition_start")};
}

WindowsInstallation windows_in(const Json& json) {
  const Members members(json);
  WindowsInstallation windows;
  windows.partition = static_cast<unsigned>(members.number("partition"));
  windows.folder = members.text("folder");
  windows.product = members.text("product");
  windows.edition = members.text("edition");
  windows.build = members.text("build");
  windows.architecture = members.text("architecture");
  windows.computer_name = members.text("computer_name");
  windows.time_zone = members.text("time_zone");
  windows.language = members.text("language");
  windows.keyboard = members.text("keyboard");
  windows.role = members.word<WindowsRole>("role");
  windows.installed = members.time("installed");
  windows.last_shutdown = members.time("last_shutdown");
  windows.dirty_hives = members.texts("dirty_hives");
  windows.damaged_hives = members.texts("damaged_hives");
  windows.uefi_loader = members.flag("uefi_loader");
  windows.bios_loader = members.flag("bios_loader");
  windows.missing_files = members.texts("missing_files");
  windows.update_pending = members.flag("update_pending");
  windows.crash_dumps = members.texts("crash_dumps");
  windows.letters = members.list("letters", letter_in);
  windows.compressed_hives = members.texts("compressed_hives");
  return windows;
}

BootDevice device_in(const Json& json) {
  const Members members(json);
  return {members.flag("known"), members.flag("boot"), members.text("partition_id"), members.text("disk_id"),
          members.number("partition_start")};
}

BootEntry entry_in(const Json& json) {
  const Members members(json);
  BootEntry entry;
  entry.id = members.text("id");
  entry.description = members.text("description");
  entry.path = members.text("path");
  entry.folder = members.text("folder");
  entry.device = device_in(members.raw("device"));
  entry.os_device = device_in(members.raw("os_device"));
  entry.is_default = members.flag("default");
  return entry;
}

BootFiles boot_in(const Json& json) {
  const Members members(json);
  BootFiles boot;
  boot.partition = static_cast<unsigned>(members.number("partition"));
  boot.uefi = members.flag("uefi");
  boot.manager = members.text("manager");
  boot.fallback = members.flag("fallback");
  boot.store = members.word<BootStore>("store");
  boot.store_dirty = members.flag("store_dirty");
  boot.entries = members.list("entries", entry_in);
  boot.problem = members.text("problem");
  return boot;
}

DiskFacts facts_in(const Json& json) {
  const Members members(json);
  DiskFacts facts;
  facts.bytes = members.number("bytes");
  facts.sector_size = static_cast<unsigned>(members.number("sector_size"));
  facts.table = members.word<TableKind>("table");
  facts.id = members.text("id");
  facts.primary_gpt = members.word<GptCopy>("primary_gpt");
  facts.backup_gpt = members.word<GptCopy>("backup_gpt");
  facts.backup_at_end = members.flag("backup_at_end");
  facts.beyond_end = members.flag("beyond_end");
  facts.protective_mbr = members.flag("protective_mbr");
  facts.hybrid = members.flag("hybrid");
  facts.content = members.word<Content>("content");
  facts.content_name = members.text("content_name");
  facts.partitions = members.list("partitions", partition_in);
  facts.windows = members.list("windows", windows_in);
  facts.boot = members.list("boot", boot_in);
  facts.dynamic = dynamic_in(members.raw("dynamic"));
  facts.raid = raid_in(members.raw("raid"));
  return facts;
}

}  // namespace

Json to_json(const DiskFacts& facts) {
  return {{"bytes", facts.bytes},
          {"sector_size", facts.sector_size},
          {"table", name_of(facts.table)},
          {"id", facts.id},
          {"primary_gpt", name_of(facts.primary_gpt)},
          {"backup_gpt", name_of(facts.backup_gpt)},
          {"backup_at_end", facts.backup_at_end},
          {"beyond_end", facts.beyond_end},
          {"protective_mbr", facts.protective_mbr},
          {"hybrid", facts.hybrid},
          {"content", name_of(facts.content)},
          {"content_name", facts.content_name},
          {"partitions", list_json(facts.partitions, partition_json)},
          {"windows", list_json(facts.windows, windows_json)},
          {"boot", list_json(facts.boot, boot_json)},
          {"dynamic", dynamic_json(facts.dynamic)},
          {"raid", raid_json(facts.raid)}};
}

Json to_json(const Finding& finding) {
  return {{"code", finding.code}, {"severity", name_of(finding.severity)},
          {"disk", finding.disk}, {"partition", finding.partition},
          {"text", finding.text}, {"remedy", finding.remedy}};
}

Json to_json(const BootCheck& check) {
  return {{"link", name_of(check.link)}, {"verdict", name_of(check.verdict)},
          {"disk", check.disk},          {"partition", check.partition},
          {"text", check.text},          {"remedy", check.remedy}};
}

DiskFacts disk_facts_from(std::string_view text) {
  const auto json = parse_peer_json(text, largest_facts);
  try {
    return facts_in(json);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::subprocess,
                fmt::format("the disk's facts are malformed: {}", printable(error.what(), longest_fact_text)));
  }
}

}  // namespace rescue::domain
