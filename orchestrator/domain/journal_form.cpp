// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/journal_form.hpp"

#include "orchestrator/domain/json.hpp"
#include "orchestrator/domain/snapshot_form.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace rescue::domain {
namespace {

using Json = nlohmann::json;

template <class Enum>
Enum read_enum(const Json& json, const char* key) {
  const auto word = json.at(key).get<std::string>();
  if (const auto value = parse_word<Enum>(word)) return *value;
  throw std::invalid_argument("unknown name '" + word + "'");
}

WallTime read_time(const Json& json) { return WallTime(Milliseconds(json.at("ms").get<std::int64_t>())); }
std::optional<WallTime> read_optional_time(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(read_time(json));
}

template <class T>
std::vector<T> read_list(const Json& json, T (*read)(const Json&)) {
  std::vector<T> list;
  for (const auto& item : json) list.push_back(read(item));
  return list;
}
net::Mac read_mac(const Json& json) { return net::Mac::parse(json.get<std::string>()); }
net::IpAddress read_ip(const Json& json) { return net::IpAddress::parse(json.get<std::string>()); }
/// Empty text: none.
std::optional<net::IpAddress> read_optional_ip(const Json& json) {
  return json.get<std::string>().empty() ? std::nullopt : std::optional(read_ip(json));
}

Disk read_disk(const Json& json) {
  Disk disk;
  json.at("path").get_to(disk.path);
  json.at("stable_path").get_to(disk.stable_path);
  json.at("device").get_to(disk.device);
  json.at("serial").get_to(disk.serial);
  json.at("wwn").get_to(disk.wwn);
  json.at("vendor").get_to(disk.vendor);
  json.at("model").get_to(disk.model);
  json.at("size_bytes").get_to(disk.size_bytes);
  json.at("logical_block_size").get_to(disk.logical_block_size);
  json.at("physical_block_size").get_to(disk.physical_block_size);
  json.at("rotational").get_to(disk.rotational);
  json.at("transport").get_to(disk.transport);
  return disk;
}

GuestDisk read_guest_disk(const Json& json) {
  auto given = passed_through(read_disk(json));
  if (!json.contains("source")) return given;  // a journal of an older version
  json.at("source").get_to(given.source);
  given.format = read_enum<DiskFormat>(json, "format");
  given.cache = read_enum<DiskCache>(json, "cache");
  json.at("discard").get_to(given.discard);
  json.at("read_only").get_to(given.read_only);
  given.half_written = json.value("half_written", false);
  return given;
}

ExcludedDisk read_excluded(const Json& json) {
  return {json.at("path"), read_enum<ExclusionReason>(json, "reason"), json.at("detail")};
}

contract::GuestActions read_actions(const Json& json) {
  contract::GuestActions actions;
  for (const auto& [name, one] : json.items()) {
    const auto action = parse_word<contract::GuestAction>(name);
    if (!action) throw std::invalid_argument("unknown name '" + name + "'");
    actions[*action] =
        contract::GuestProcedure{one.at("file"), one.at("crlf"), one.at("before_login"), one.at("commands")};
  }
  return actions;
}

GuestProfile read_profile(const Json& json) {
  return {read_enum<GuestSystem>(json, "os"),
          read_enum<Firmware>(json, "firmware"),
          read_enum<DiskBus>(json, "disk_bus"),
          json.at("tpm"),
          json.at("administrator"),
          json.at("set_hostname"),
          read_actions(json.value("actions", Json::object()))};
}

GuestWishes read_wishes(const Json& json) {
  return {read_enum<WishState>(json, "ssh_keys"), read_enum<WishState>(json, "keys_only"),
          read_enum<WishState>(json, "keyboard"), read_enum<WishState>(json, "text"), json.value("own_key", false)};
}

LeaseEnd read_lease(const Json& json) {
  LeaseEnd lease{read_time(json.at("ends"))};
  for (const auto& before : json.at("warned_ms")) lease.warned.emplace_back(before.get<std::int64_t>());
  return lease;
}

RescueImage read_image(const Json& json) {
  return {json.at("name"),
          json.at("version"),
          json.at("system_disk"),
          json.at("format"),
          read_profile(json.at("profile")),
          json.value("memory_mib", 0U),
          json.value("least_memory_mib", 0U)};
}

GuestSpec read_guest(const Json& json) {
  GuestSpec guest;
  json.at("name").get_to(guest.name);
  guest.accelerator = read_enum<Accelerator>(json, "accelerator");
  json.at("memory_mib").get_to(guest.memory_mib);
  json.at("vcpus").get_to(guest.vcpus);
  json.at("system_disk").get_to(guest.system_disk);
  guest.disks = read_list<GuestDisk>(json.at("disks"), read_guest_disk);
  guest.disk_mode = read_enum<DiskMode>(json, "disk_mode");
  guest.mac = read_mac(json.at("mac"));
  json.at("tap").get_to(guest.tap);
  json.at("tap_queues").get_to(guest.tap_queues);
  json.at("mtu").get_to(guest.mtu);
  json.at("vnc_socket").get_to(guest.vnc_socket);
  json.at("serial_log").get_to(guest.serial_log);
  guest.profile = read_profile(json.at("profile"));
  return guest;
}

InterfaceAddress read_address(const Json& json) {
  InterfaceAddress address;
  address.address = read_ip(json.at("address"));
  json.at("prefix").get_to(address.prefix);
  address.peer = read_optional_ip(json.at("peer"));
  address.broadcast = read_optional_ip(json.at("broadcast"));
  json.at("label").get_to(address.label);
  json.at("flags").get_to(address.flags);
  json.at("scope").get_to(address.scope);
  json.at("valid_seconds").get_to(address.valid_seconds);
  json.at("preferred_seconds").get_to(address.preferred_seconds);
  json.at("metric").get_to(address.metric);
  json.at("protocol").get_to(address.protocol);
  return address;
}

Route read_route(const Json& json) {
  Route route;
  route.destination = net::Prefix::parse(json.at("destination").get<std::string>());
  route.gateway = read_optional_ip(json.at("gateway"));
  route.source = read_optional_ip(json.at("source"));
  json.at("metric").get_to(route.metric);
  json.at("table").get_to(route.table);
  json.at("protocol").get_to(route.protocol);
  json.at("scope").get_to(route.scope);
  json.at("on_link").get_to(route.on_link);
  json.at("mtu").get_to(route.mtu);
  json.at("hop_limit").get_to(route.hop_limit);
  json.at("preference").get_to(route.preference);
  json.at("expires_seconds").get_to(route.expires_seconds);
  // A journal of an older version has none of these.
  route.tos = json.value("tos", route.tos);
  route.realms = json.value("realms", route.realms);
  route.metrics = json.value("metrics", route.metrics);
  route.congestion_control = json.value("congestion_control", route.congestion_control);
  route.nexthop = json.value("nexthop", route.nexthop);
  route.encapsulation_type = json.value("encapsulation_type", route.encapsulation_type);
  route.encapsulation = json.value("encapsulation", route.encapsulation);
  return route;
}

NetworkSnapshot read_snapshot(const Json& json) {
  return {json.at("nic"),
          read_mac(json.at("mac")),
          json.at("mtu"),
          read_list<InterfaceAddress>(json.at("addresses"), read_address),
          read_list<Route>(json.at("routes"), read_route),
          read_list<net::IpAddress>(json.at("dns_servers"), read_ip),
          json.at("sysctls"),
          json.value("index", 0)};
}

TakeoverPlan read_takeover(const Json& json) {
  TakeoverPlan plan;
  plan.original = read_snapshot(json.at("original"));
  plan.addressing = read_enum<GuestAddressing>(json, "addressing");
  plan.probe_address = read_ip(json.at("probe_address"));
  plan.control_ports = {json.at("control_ports").at(0), json.at("control_ports").at(1)};
  json.at("bridge").get_to(plan.bridge);
  json.at("tap").get_to(plan.tap);
  json.at("tap_queues").get_to(plan.tap_queues);
  plan.bridge_mac = read_mac(json.at("bridge_mac"));
  plan.probe_mac = read_mac(json.at("probe_mac"));
  plan.control_plane_addresses = read_list<net::IpAddress>(json.at("control_plane_addresses"), read_ip);
  return plan;
}

RescuePlan read_plan(const Json& json) {
  return {read_image(json.at("image")),
          read_guest(json.at("guest")),
          read_takeover(json.at("network")),
          read_list<ExcludedDisk>(json.at("excluded_disks"), read_excluded),
          json.value("overlay_mib", 0U),
          json.value("host_mib", 0U),
          json.value("changes_mib", 0U),
          read_list<GuestDisk>(json.value("withdrawn_disks", Json::array()), read_guest_disk)};
}

ConnectionData read_connection(const Json& json) {
  return {json.at("address"),
          json.at("user"),
          json.at("ssh_host_key"),
          json.at("ssh_host_key_type"),
          json.at("rdp_certificate"),
          read_enum<RdpProof>(json, "rdp_proof"),
          json.value("ssh_host_key_blob", "")};
}

Failure read_failure(const Json& json) {
  return {json.at("step"), error_code_of(json.at("code").get<std::string>()), json.at("message"), json.at("hint")};
}

BootSnapshot read_snapshot_of_layer(const Json& json) {
  return {json.at("layer"), json.at("content"), json.at("unreadable")};
}
StepRecord read_step(const Json& json) {
  return {std::string(name_of(read_enum<StepName>(json, "name"))), read_enum<StepState>(json, "state"),
          read_time(json.at("started")), read_optional_time(json.at("ended")), json.at("detail")};
}

/// Older versions wrote texts without codes, and found the warnings to withdraw by their beginning.
WarningCode code_of_older(std::string_view text) {
  if (text.starts_with("the guest is paused")) return WarningCode::guest_paused;
  if (text.starts_with("the credentials were not delivered")) return WarningCode::credentials_not_delivered;
  if (text.starts_with("the new password is set, and could not be proven")) return WarningCode::password_unknown;
  return WarningCode::general;
}
Warning read_warning(const Json& json) {
  if (json.is_string()) return {code_of_older(json.get_ref<const std::string&>()), json};
  return {read_enum<WarningCode>(json, "code"), json.at("text")};
}

}  // namespace

nlohmann::json journal_form(const SessionRecord& record) {
  auto json = members_of(record);
  json["warnings"] = Json::array();
  for (const auto& warning : record.warnings) {
    json["warnings"].push_back({{"code", name_of(warning.code)}, {"text", warning.text}});
  }
  if (const auto& command = record.command) {
    json["command"] = {{"id", command->id}, {"done", command->done}};
    if (command->failure) json["command"]["failure"] = to_json(*command->failure);
  }
  return json;
}

SessionRecord record_from_journal(const nlohmann::json& json) {
  if (json.at("format") != 1) throw std::invalid_argument("it is of another version");
  SessionRecord record;
  json.at("id").get_to(record.id);
  json.at("server").get_to(record.server);
  record.phase = read_enum<Phase>(json, "phase");
  record.started = read_time(json.at("started"));
  record.ended = read_optional_time(json.at("ended"));
  record.steps = read_list<StepRecord>(json.at("steps"), read_step);
  // Members that an older version did not write keep their defaults: a package may be upgraded during a session.
  if (const auto request = json.find("request"); request != json.end() && !request->is_null()) {
    record.request = request_from_json(*request);
  }
  if (const auto found = json.find("guest"); found != json.end()) record.wishes = read_wishes(*found);
  if (const auto found = json.find("lease"); found != json.end() && !found->is_null())
    record.lease = read_lease(*found);
  record.boot_id = json.value("boot_id", record.boot_id);
  record.end_pending = json.value("end_pending", record.end_pending);
  if (const auto found = json.find("boot_snapshots"); found != json.end()) {
    record.boot_snapshots = read_list<BootSnapshot>(*found, read_snapshot_of_layer);
  }
  if (!json.at("plan").is_null()) record.plan = read_plan(json.at("plan"));
  if (!json.at("connection").is_null()) record.connection = read_connection(json.at("connection"));
  if (const auto& announced = json.at("announced"); !announced.is_null()) {
    record.announced = Announcement{read_time(announced.at("at")), announced.at("to")};
  }
  if (!json.at("failure").is_null()) record.failure = read_failure(json.at("failure"));
  record.rollback_failures = read_list<Failure>(json.at("rollback_failures"), read_failure);
  record.warnings = read_list<Warning>(json.at("warnings"), read_warning);
  if (const auto command = json.find("command"); command != json.end()) {
    record.command = CommandOutcome{command->at("id"), command->at("done")};
    if (command->contains("failure")) record.command->failure = read_failure(command->at("failure"));
  }
  record.ending = read_enum<Ending>(json, "ending");
  if (json.contains("changes")) record.changes = read_enum<Changes>(json, "changes");
  record.changes_undecided = json.value("changes_undecided", false);
  json.at("resumes").get_to(record.resumes);
  json.at("guest_restarts").get_to(record.guest_restarts);
  if (const auto found = json.find("report"); found != json.end() && !found->is_null()) {
    record.report = session_report_from(*found);
  }
  return record;
}

}  // namespace rescue::domain
