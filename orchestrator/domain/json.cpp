// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/json.hpp"

#include <stdexcept>

// nlohmann finds these by argument-dependent lookup: they live where the types do.
namespace rescue::domain {
namespace {

/// The enumerator with this name; enumerators are few and dense.
template <class Enum>
Enum from_name(std::string_view name) {
  for (int value = 0; name_of(static_cast<Enum>(value)) != "unknown"; ++value) {
    if (name_of(static_cast<Enum>(value)) == name) return static_cast<Enum>(value);
  }
  throw std::invalid_argument("unknown name '" + std::string(name) + "'");
}

using Json = nlohmann::json;

template <class Enum>
Enum read_enum(const Json& json, const char* key) {
  return from_name<Enum>(json.at(key).get<std::string>());
}

Json time_json(WallTime time) {
  return Json{{"at", rfc3339(time)}, {"ms", std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count()}};
}
WallTime read_time(const Json& json) { return WallTime(Milliseconds(json.at("ms").get<std::int64_t>())); }
Json optional_time(const std::optional<WallTime>& time) { return time ? time_json(*time) : Json(); }
std::optional<WallTime> read_optional_time(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(read_time(json));
}

template <class T>
std::vector<T> read_list(const Json& json, T (*read)(const Json&)) {
  std::vector<T> list;
  for (const auto& item : json) list.push_back(read(item));
  return list;
}
template <class T>
Json list_json(const std::vector<T>& list, Json (*write)(const T&)) {
  auto json = Json::array();
  for (const auto& item : list) json.push_back(write(item));
  return json;
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

ExcludedDisk read_excluded(const Json& json) {
  return {json.at("path"), read_enum<ExclusionReason>(json, "reason"), json.at("detail")};
}

Json profile_json(const GuestProfile& profile) {
  return {{"os", name_of(profile.system)},          {"firmware", name_of(profile.firmware)},
          {"disk_bus", name_of(profile.disk_bus)},  {"tpm", profile.tpm},
          {"administrator", profile.administrator}, {"set_hostname", profile.set_hostname}};
}
GuestProfile read_profile(const Json& json) {
  return {read_enum<GuestSystem>(json, "os"),
          read_enum<Firmware>(json, "firmware"),
          read_enum<DiskBus>(json, "disk_bus"),
          json.at("tpm"),
          json.at("administrator"),
          json.at("set_hostname")};
}

Json image_json(const RescueImage& image) {
  return {{"name", image.name},
          {"version", image.version},
          {"system_disk", image.system_disk},
          {"format", image.format},
          {"profile", profile_json(image.profile)},
          {"memory_mib", image.memory_mib}};
}
RescueImage read_image(const Json& json) {
  return {json.at("name"),
          json.at("version"),
          json.at("system_disk"),
          json.at("format"),
          read_profile(json.at("profile")),
          json.value("memory_mib", 0U)};
}

Json guest_json(const GuestSpec& guest) {
  return {{"name", guest.name},
          {"accelerator", name_of(guest.accelerator)},
          {"memory_mib", guest.memory_mib},
          {"vcpus", guest.vcpus},
          {"system_disk", guest.system_disk},
          {"disks", list_json<Disk>(guest.disks, to_json)},
          {"disk_mode", name_of(guest.disk_mode)},
          {"mac", guest.mac},
          {"tap", guest.tap},
          {"tap_queues", guest.tap_queues},
          {"mtu", guest.mtu},
          {"vnc_socket", guest.vnc_socket},
          {"serial_log", guest.serial_log},
          {"profile", profile_json(guest.profile)}};
}
GuestSpec read_guest(const Json& json) {
  GuestSpec guest;
  json.at("name").get_to(guest.name);
  guest.accelerator = read_enum<Accelerator>(json, "accelerator");
  json.at("memory_mib").get_to(guest.memory_mib);
  json.at("vcpus").get_to(guest.vcpus);
  json.at("system_disk").get_to(guest.system_disk);
  guest.disks = read_list<Disk>(json.at("disks"), read_disk);
  guest.disk_mode = read_enum<DiskMode>(json, "disk_mode");
  json.at("mac").get_to(guest.mac);
  json.at("tap").get_to(guest.tap);
  json.at("tap_queues").get_to(guest.tap_queues);
  json.at("mtu").get_to(guest.mtu);
  json.at("vnc_socket").get_to(guest.vnc_socket);
  json.at("serial_log").get_to(guest.serial_log);
  guest.profile = read_profile(json.at("profile"));
  return guest;
}

Json address_json(const InterfaceAddress& address) {
  return {{"address", address.address},
          {"prefix", address.prefix},
          {"peer", address.peer},
          {"broadcast", address.broadcast},
          {"label", address.label},
          {"flags", address.flags},
          {"scope", address.scope},
          {"valid_seconds", address.valid_seconds},
          {"preferred_seconds", address.preferred_seconds},
          {"metric", address.metric},
          {"protocol", address.protocol}};
}
InterfaceAddress read_address(const Json& json) {
  InterfaceAddress address;
  json.at("address").get_to(address.address);
  json.at("prefix").get_to(address.prefix);
  json.at("peer").get_to(address.peer);
  json.at("broadcast").get_to(address.broadcast);
  json.at("label").get_to(address.label);
  json.at("flags").get_to(address.flags);
  json.at("scope").get_to(address.scope);
  json.at("valid_seconds").get_to(address.valid_seconds);
  json.at("preferred_seconds").get_to(address.preferred_seconds);
  json.at("metric").get_to(address.metric);
  json.at("protocol").get_to(address.protocol);
  return address;
}

Json route_json(const Route& route) {
  return {{"destination", route.destination},
          {"gateway", route.gateway},
          {"source", route.source},
          {"metric", route.metric},
          {"table", route.table},
          {"protocol", route.protocol},
          {"scope", route.scope},
          {"on_link", route.on_link},
          {"mtu", route.mtu},
          {"hop_limit", route.hop_limit},
          {"preference", route.preference},
          {"expires_seconds", route.expires_seconds},
          {"tos", route.tos},
          {"realms", route.realms},
          {"metrics", route.metrics},
          {"congestion_control", route.congestion_control},
          {"nexthop", route.nexthop},
          {"encapsulation_type", route.encapsulation_type},
          {"encapsulation", route.encapsulation}};
}
Route read_route(const Json& json) {
  Route route;
  json.at("destination").get_to(route.destination);
  json.at("gateway").get_to(route.gateway);
  json.at("source").get_to(route.source);
  json.at("metric").get_to(route.metric);
  json.at("table").get_to(route.table);
  json.at("protocol").get_to(route.protocol);
  json.at("scope").get_to(route.scope);
  json.at("on_link").get_to(route.on_link);
  json.at("mtu").get_to(route.mtu);
  json.at("hop_limit").get_to(route.hop_limit);
  json.at("preference").get_to(route.preference);
  json.at("expires_seconds").get_to(route.expires_seconds);
  // A journal of before these has none of them.
  route.tos = json.value("tos", route.tos);
  route.realms = json.value("realms", route.realms);
  route.metrics = json.value("metrics", route.metrics);
  route.congestion_control = json.value("congestion_control", route.congestion_control);
  route.nexthop = json.value("nexthop", route.nexthop);
  route.encapsulation_type = json.value("encapsulation_type", route.encapsulation_type);
  route.encapsulation = json.value("encapsulation", route.encapsulation);
  return route;
}

Json snapshot_json(const NetworkSnapshot& snapshot) {
  return {{"nic", snapshot.nic},
          {"mac", snapshot.mac},
          {"mtu", snapshot.mtu},
          {"addresses", list_json<InterfaceAddress>(snapshot.addresses, address_json)},
          {"routes", list_json<Route>(snapshot.routes, route_json)},
          {"dns_servers", snapshot.dns_servers},
          {"sysctls", snapshot.sysctls},
          {"index", snapshot.index}};
}
NetworkSnapshot read_snapshot(const Json& json) {
  return {json.at("nic"),
          json.at("mac"),
          json.at("mtu"),
          read_list<InterfaceAddress>(json.at("addresses"), read_address),
          read_list<Route>(json.at("routes"), read_route),
          json.at("dns_servers"),
          json.at("sysctls"),
          json.value("index", 0)};
}

Json takeover_json(const TakeoverPlan& plan) {
  return {{"original", snapshot_json(plan.original)},
          {"addressing", name_of(plan.addressing)},
          {"probe_address", plan.probe_address},
          {"control_ports", {plan.control_ports.first, plan.control_ports.last}},
          {"bridge", plan.bridge},
          {"tap", plan.tap},
          {"tap_queues", plan.tap_queues},
          {"bridge_mac", plan.bridge_mac},
          {"probe_mac", plan.probe_mac},
          {"control_plane_addresses", plan.control_plane_addresses}};
}
TakeoverPlan read_takeover(const Json& json) {
  TakeoverPlan plan;
  plan.original = read_snapshot(json.at("original"));
  plan.addressing = read_enum<GuestAddressing>(json, "addressing");
  json.at("probe_address").get_to(plan.probe_address);
  plan.control_ports = {json.at("control_ports").at(0), json.at("control_ports").at(1)};
  json.at("bridge").get_to(plan.bridge);
  json.at("tap").get_to(plan.tap);
  json.at("tap_queues").get_to(plan.tap_queues);
  json.at("bridge_mac").get_to(plan.bridge_mac);
  json.at("probe_mac").get_to(plan.probe_mac);
  json.at("control_plane_addresses").get_to(plan.control_plane_addresses);
  return plan;
}

RescuePlan read_plan(const Json& json) {
  return {read_image(json.at("image")), read_guest(json.at("guest")), read_takeover(json.at("network")),
          read_list<ExcludedDisk>(json.at("excluded_disks"), read_excluded)};
}

ConnectionData read_connection(const Json& json) {
  return {json.at("address"),         json.at("user"),
          json.at("ssh_host_key"),    json.at("ssh_host_key_type"),
          json.at("rdp_certificate"), read_enum<RdpProof>(json, "rdp_proof")};
}

Failure read_failure(const Json& json) {
  return {json.at("step"), error_code_of(json.at("code").get<std::string>()), json.at("message"), json.at("hint")};
}

Json request_json(const SessionRequest& request) {
  return {{"session", request.session},
          {"on_shutdown", request.on_shutdown},
          {"disk_mode", request.disk_mode},
          {"then", request.then},
          {"image", request.image},
          {"reason", request.reason},
          {"requester_public_key", request.requester_public_key}};
}

BootSnapshot read_snapshot_of_layer(const Json& json) {
  return {json.at("layer"), json.at("content"), json.at("unreadable")};
}
Json layer_json(const BootSnapshot& snapshot) {
  return {{"layer", snapshot.layer}, {"content", snapshot.content}, {"unreadable", snapshot.unreadable}};
}

Json step_json(const StepRecord& step) {
  return {{"name", name_of(step.name)},
          {"state", name_of(step.state)},
          {"started", time_json(step.started)},
          {"ended", optional_time(step.ended)},
          {"detail", step.detail}};
}
StepRecord read_step(const Json& json) {
  return {read_enum<StepName>(json, "name"), read_enum<StepState>(json, "state"), read_time(json.at("started")),
          read_optional_time(json.at("ended")), json.at("detail")};
}

}  // namespace

SessionRequest request_from_json(const nlohmann::json& json) {
  const auto text = [&json](const char* key) {
    const auto found = json.find(key);
    return found == json.end() || found->is_null() ? std::string{} : found->get<std::string>();
  };
  return {text("session"), text("on_shutdown"), text("disk_mode"),           text("then"),
          text("image"),   text("reason"),      text("requester_public_key")};
}

nlohmann::json to_json(const SessionRequest& request) { return request_json(request); }

nlohmann::json to_json(const Disk& disk) {
  return {{"path", disk.path},
          {"stable_path", disk.stable_path},
          {"device", disk.device},
          {"serial", disk.serial},
          {"wwn", disk.wwn},
          {"vendor", disk.vendor},
          {"model", disk.model},
          {"size_bytes", disk.size_bytes},
          {"logical_block_size", disk.logical_block_size},
          {"physical_block_size", disk.physical_block_size},
          {"rotational", disk.rotational},
          {"transport", disk.transport}};
}

nlohmann::json to_json(const ExcludedDisk& disk) {
  return {{"path", disk.path}, {"reason", name_of(disk.reason)}, {"detail", disk.detail}};
}

nlohmann::json to_json(const DiskSurvey& survey) {
  return {{"usable", list_json<Disk>(survey.usable, to_json)},
          {"excluded", list_json<ExcludedDisk>(survey.excluded, to_json)}};
}

nlohmann::json to_json(const ConnectionData& connection) {
  return {{"address", connection.address},
          {"user", connection.user},
          {"ssh_host_key", connection.ssh_host_key},
          {"ssh_host_key_type", connection.ssh_host_key_type},
          {"rdp_certificate", connection.rdp_certificate},
          {"rdp_proof", name_of(connection.rdp_proof)}};
}

nlohmann::json to_json(const Failure& failure) {
  return {
      {"step", failure.step}, {"code", name_of(failure.code)}, {"message", failure.message}, {"hint", failure.hint}};
}

nlohmann::json to_json(const RescuePlan& plan) {
  return {{"image", image_json(plan.image)},
          {"guest", guest_json(plan.guest)},
          {"network", takeover_json(plan.network)},
          {"excluded_disks", list_json<ExcludedDisk>(plan.excluded_disks, to_json)}};
}

nlohmann::json to_json(const SessionRecord& record) {
  Json json{{"format", 1},
            {"id", record.id},
            {"server", record.server},
            {"phase", name_of(record.phase)},
            {"started", time_json(record.started)},
            {"ended", optional_time(record.ended)},
            {"steps", list_json<StepRecord>(record.steps, step_json)},
            {"request", nullptr},
            {"boot_id", record.boot_id},
            {"boot_snapshots", list_json<BootSnapshot>(record.boot_snapshots, layer_json)},
            {"plan", nullptr},
            {"connection", nullptr},
            {"announced", nullptr},
            {"failure", nullptr},
            {"rollback_failures", list_json<Failure>(record.rollback_failures, to_json)},
            {"warnings", record.warnings},
            {"ending", name_of(record.ending)},
            {"end_pending", record.end_pending},
            {"resumes", record.resumes},
            {"guest_restarts", record.guest_restarts}};
  if (record.request) json["request"] = request_json(*record.request);
  if (record.plan) json["plan"] = to_json(*record.plan);
  if (record.connection) json["connection"] = to_json(*record.connection);
  if (record.announced) json["announced"] = {{"at", time_json(record.announced->at)}, {"to", record.announced->to}};
  if (record.failure) json["failure"] = to_json(*record.failure);
  return json;
}

SessionRecord record_from_json(const nlohmann::json& json) {
  if (json.at("format") != 1) throw std::invalid_argument("it is of another version");
  SessionRecord record;
  json.at("id").get_to(record.id);
  json.at("server").get_to(record.server);
  record.phase = read_enum<Phase>(json, "phase");
  record.started = read_time(json.at("started"));
  record.ended = read_optional_time(json.at("ended"));
  record.steps = read_list<StepRecord>(json.at("steps"), read_step);
  // What an older version did not write keeps its default: a package may be upgraded in mid session.
  if (const auto request = json.find("request"); request != json.end() && !request->is_null()) {
    record.request = request_from_json(*request);
  }
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
  json.at("warnings").get_to(record.warnings);
  record.ending = read_enum<Ending>(json, "ending");
  json.at("resumes").get_to(record.resumes);
  json.at("guest_restarts").get_to(record.guest_restarts);
  return record;
}

}  // namespace rescue::domain
