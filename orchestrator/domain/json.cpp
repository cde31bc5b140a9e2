// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/json.hpp"

#include "orchestrator/domain/snapshot_form.hpp"

// Defined in the namespaces of their types, where nlohmann finds them by argument-dependent lookup.
namespace rescue::domain {
namespace {

using Json = nlohmann::json;

template <class T>
Json list_json(const std::vector<T>& list, Json (*write)(const T&)) {
  auto json = Json::array();
  for (const auto& item : list) json.push_back(write(item));
  return json;
}

Json ip_json(const net::IpAddress& address) { return address.text(); }
/// Empty text: none.
Json optional_ip_json(const std::optional<net::IpAddress>& address) { return address ? address->text() : ""; }

/// Members of the hardware, and how the guest gets the disk.
Json guest_disk_json(const GuestDisk& given) {
  auto json = to_json(given.disk);
  json["source"] = given.source;
  json["format"] = name_of(given.format);
  json["cache"] = name_of(given.cache);
  json["discard"] = given.discard;
  json["read_only"] = given.read_only;
  json["half_written"] = given.half_written;
  return json;
}
Json actions_json(const contract::GuestActions& actions) {
  auto json = Json::object();
  for (const auto& [action, procedure] : actions) {
    json[std::string(name_of(action))] = {{"file", procedure.file},
                                          {"crlf", procedure.crlf},
                                          {"before_login", procedure.before_login},
                                          {"commands", procedure.commands}};
  }
  return json;
}
Json profile_json(const GuestProfile& profile) {
  return {{"os", name_of(profile.system)},           {"firmware", name_of(profile.firmware)},
          {"disk_bus", name_of(profile.disk_bus)},   {"tpm", profile.tpm},
          {"administrator", profile.administrator},  {"set_hostname", profile.set_hostname},
          {"actions", actions_json(profile.actions)}};
}
Json image_json(const RescueImage& image) {
  return {{"name", image.name},
          {"version", image.version},
          {"system_disk", image.system_disk},
          {"format", image.format},
          {"profile", profile_json(image.profile)},
          {"memory_mib", image.memory_mib},
          {"least_memory_mib", image.least_memory_mib}};
}
Json guest_json(const GuestSpec& guest) {
  return {{"name", guest.name},
          {"accelerator", name_of(guest.accelerator)},
          {"memory_mib", guest.memory_mib},
          {"vcpus", guest.vcpus},
          {"system_disk", guest.system_disk},
          {"disks", list_json<GuestDisk>(guest.disks, guest_disk_json)},
          {"disk_mode", name_of(guest.disk_mode)},
          {"mac", guest.mac.text()},
          {"tap", guest.tap},
          {"tap_queues", guest.tap_queues},
          {"mtu", guest.mtu},
          {"vnc_socket", guest.vnc_socket},
          {"serial_log", guest.serial_log},
          {"profile", profile_json(guest.profile)}};
}
Json address_json(const InterfaceAddress& address) {
  return {{"address", address.address.text()},
          {"prefix", address.prefix},
          {"peer", optional_ip_json(address.peer)},
          {"broadcast", optional_ip_json(address.broadcast)},
          {"label", address.label},
          {"flags", address.flags},
          {"scope", address.scope},
          {"valid_seconds", address.valid_seconds},
          {"preferred_seconds", address.preferred_seconds},
          {"metric", address.metric},
          {"protocol", address.protocol}};
}
Json route_json(const Route& route) {
  return {{"destination", route.destination.text()},
          {"gateway", optional_ip_json(route.gateway)},
          {"source", optional_ip_json(route.source)},
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
Json snapshot_json(const NetworkSnapshot& snapshot) {
  return {{"nic", snapshot.nic},
          {"mac", snapshot.mac.text()},
          {"mtu", snapshot.mtu},
          {"addresses", list_json<InterfaceAddress>(snapshot.addresses, address_json)},
          {"routes", list_json<Route>(snapshot.routes, route_json)},
          {"dns_servers", list_json<net::IpAddress>(snapshot.dns_servers, ip_json)},
          {"sysctls", snapshot.sysctls},
          {"index", snapshot.index}};
}
Json takeover_json(const TakeoverPlan& plan) {
  return {{"original", snapshot_json(plan.original)},
          {"addressing", name_of(plan.addressing)},
          {"probe_address", plan.probe_address.text()},
          {"control_ports", {plan.control_ports.first, plan.control_ports.last}},
          {"bridge", plan.bridge},
          {"tap", plan.tap},
          {"tap_queues", plan.tap_queues},
          {"bridge_mac", plan.bridge_mac.text()},
          {"probe_mac", plan.probe_mac.text()},
          {"control_plane_addresses", list_json<net::IpAddress>(plan.control_plane_addresses, ip_json)}};
}
}  // namespace

nlohmann::json to_json(WallTime time) {
  return Json{{"at", rfc3339(time)}, {"ms", std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count()}};
}
nlohmann::json to_json(const std::optional<WallTime>& time) { return time ? to_json(*time) : Json(); }

nlohmann::json to_json(const Announcement& announcement) {
  return {{"at", to_json(announcement.at)}, {"to", announcement.to}};
}

namespace {

std::optional<LinkRequest> link_request_from_json(const nlohmann::json& request) {
  const auto found = request.find("link");
  if (found == request.end() || found->is_null()) return std::nullopt;
  return LinkRequest{found->at("url"), found->at("code"), found->at("send")};
}

}  // namespace

SessionRequest request_from_json(const nlohmann::json& json) {
  const auto text_in = [](const Json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? std::string{} : found->get<std::string>();
  };
  const auto text = [&](const char* key) { return text_in(json, key); };
  SessionRequest request{text("session"), text("on_shutdown"), text("disk_mode"),           text("then"),
                         text("image"),   text("reason"),      text("requester_public_key")};
  request.link = link_request_from_json(json);
  request.keyboard = text("keyboard");
  request.auth = text("auth");
  if (const auto keys = json.find("ssh_keys"); keys != json.end() && !keys->is_null()) keys->get_to(request.ssh_keys);
  if (const auto notify = json.find("notify"); notify != json.end() && notify->is_object()) {
    request.language = text_in(*notify, "language");
  }
  return request;
}

nlohmann::json to_json(const SessionRequest& request) {
  Json json{{"session", request.session},
            {"on_shutdown", request.on_shutdown},
            {"disk_mode", request.disk_mode},
            {"then", request.then},
            {"image", request.image},
            {"reason", request.reason},
            {"requester_public_key", request.requester_public_key},
            {"keyboard", request.keyboard},
            {"auth", request.auth},
            {"ssh_keys", request.ssh_keys}};
  json["notify"] = {{"language", request.language}};
  if (request.link) {
    json["link"] = {{"url", request.link->url}, {"code", request.link->code}, {"send", request.link->send}};
  }
  return json;
}

nlohmann::json to_json(const GuestWishes& wishes) {
  return {{"ssh_keys", name_of(wishes.ssh_keys)},
          {"keys_only", name_of(wishes.keys_only)},
          {"keyboard", name_of(wishes.keyboard)},
          {"text", name_of(wishes.text)},
          {"own_key", wishes.own_key}};
}

nlohmann::json to_json(const LeaseEnd& lease) {
  auto warned = Json::array();
  for (const auto before : lease.warned) warned.push_back(before.count());
  return {{"ends", to_json(lease.ends)}, {"warned_ms", std::move(warned)}};
}

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
          {"ssh_host_key_blob", connection.ssh_host_key_blob},
          {"rdp_certificate", connection.rdp_certificate},
          {"rdp_proof", name_of(connection.rdp_proof)}};
}

nlohmann::json to_json(const Failure& failure) {
  return {
      {"step", failure.step}, {"code", name_of(failure.code)}, {"message", failure.message}, {"hint", failure.hint}};
}

nlohmann::json to_json(const BootSnapshot& snapshot) {
  return {{"layer", snapshot.layer}, {"content", snapshot.content}, {"unreadable", snapshot.unreadable}};
}

nlohmann::json to_json(const StepRecord& step) {
  return {{"name", step.name},
          {"state", name_of(step.state)},
          {"started", to_json(step.started)},
          {"ended", to_json(step.ended)},
          {"detail", step.detail}};
}
nlohmann::json to_json(const RescuePlan& plan) {
  return {{"image", image_json(plan.image)},
          {"guest", guest_json(plan.guest)},
          {"network", takeover_json(plan.network)},
          {"excluded_disks", list_json<ExcludedDisk>(plan.excluded_disks, to_json)},
          {"overlay_mib", plan.overlay_mib},
          {"host_mib", plan.host_mib},
          {"changes_mib", plan.changes_mib},
          {"withdrawn_disks", list_json<GuestDisk>(plan.withdrawn_disks, guest_disk_json)}};
}

nlohmann::json members_of(const SessionRecord& record) {
  Json json{{"format", 1},
            {"id", record.id},
            {"server", record.server},
            {"phase", name_of(record.phase)},
            {"started", to_json(record.started)},
            {"ended", to_json(record.ended)},
            {"steps", list_json<StepRecord>(record.steps, to_json)},
            {"request", nullptr},
            {"guest", to_json(record.wishes)},
            {"lease", nullptr},
            {"boot_id", record.boot_id},
            {"boot_snapshots", list_json<BootSnapshot>(record.boot_snapshots, to_json)},
            {"plan", nullptr},
            {"connection", nullptr},
            {"announced", nullptr},
            {"failure", nullptr},
            {"rollback_failures", list_json<Failure>(record.rollback_failures, to_json)},
            {"ending", name_of(record.ending)},
            {"changes", name_of(record.changes)},
            {"changes_undecided", record.changes_undecided},
            {"end_pending", record.end_pending},
            {"resumes", record.resumes},
            {"guest_restarts", record.guest_restarts},
            {"report", nullptr}};
  if (record.request) json["request"] = to_json(*record.request);
  if (record.lease) json["lease"] = to_json(*record.lease);
  if (record.plan) json["plan"] = to_json(*record.plan);
  if (record.connection) json["connection"] = to_json(*record.connection);
  if (record.announced) json["announced"] = to_json(*record.announced);
  if (record.failure) json["failure"] = to_json(*record.failure);
  if (record.report) json["report"] = to_json(*record.report);
  return json;
}

}  // namespace rescue::domain
