// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Writes manifests of format 2.
#include "core/error.hpp"
#include "images/manifest.hpp"
#include "images/manifest_fields.hpp"

namespace rescue::images {
namespace {

using Json = nlohmann::ordered_json;

/// Adds a member unless its value is empty.
template <class Value>
void put_unless_empty(Json& json, const char* key, const Value& value) {
  if (!value.empty()) json[key] = value;
}

Json json_of_file(const ImageFile& file) {
  Json json{{"name", file.name}, {"role", file.role}};
  put_unless_empty(json, "format", file.format);
  json["size"] = file.size;
  json["sha256"] = file.sha256;
  if (file.virtual_size > 0) json["virtual_size"] = file.virtual_size;
  if (file.chunks) json["chunks"] = Json{{"name", file.chunks->name}, {"sha256", file.chunks->sha256}};
  return json;
}

Json json_of_actions(const contract::GuestActions& actions) {
  Json json;
  for (const auto& [action, procedure] : actions) {
    Json one = Json::object();
    put_unless_empty(one, "file", procedure.file);
    if (procedure.crlf) one["crlf"] = true;
    if (procedure.before_login) one["before_login"] = true;
    put_unless_empty(one, "commands", procedure.commands);
    json[std::string(name_of(action))] = std::move(one);
  }
  return json;
}

Json json_of_profile(const Profile& profile) {
  Json json{{"firmware", profile.firmware},
            {"machine", profile.machine},
            {"disk_bus", profile.disk_bus},
            {"nic", profile.nic},
            {"tpm", profile.tpm}};
  put_unless_empty(json, "hyperv", profile.hyperv);
  json["agent"] = profile.agent;
  json["ports"] = Json{{"ssh", profile.ssh_port}, {"rdp", profile.rdp_port}};
  json["least_memory_mib"] = profile.least_memory_mib;
  json["administrator"] = profile.administrator;
  put_unless_empty(json, "set_hostname", profile.set_hostname);
  if (!profile.actions.empty()) json["actions"] = json_of_actions(profile.actions);
  return json;
}

void put_windows(Json& json, const WindowsBuild& windows) {
  json["windows"]["build"] = windows.build;
  if (windows.revision > 0) json["windows"]["revision"] = windows.revision;
  put_unless_empty(json["windows"], "edition", windows.edition);
}

void put_contract(Json& json, const ContractRecord& contract) {
  auto results = Json::array();
  for (const auto& one : contract.results) results.push_back(Json{{"point", one.point}, {"result", one.result}});
  json["contract"] = Json{{"date", text_of(contract.date)}, {"qemu", contract.qemu}, {"results", results}};
}

}  // namespace

nlohmann::ordered_json json_of(const Manifest& manifest) {
  if (manifest.number != 2 || !manifest.created) {
    throw Error(ErrorCode::usage, "only manifests of format 2, with the date of their creation, are written");
  }
  Json json{{"manifest", 2},
            {"name", manifest.name},
            {"version", manifest.version},
            {"channel", manifest.channel},
            {"counter", manifest.counter},
            {"kind", name_of(manifest.kind)}};
  if (manifest.windows) put_windows(json, *manifest.windows);
  put_unless_empty(json, "languages", manifest.languages);
  put_unless_empty(json, "licence", manifest.licence);
  json["created"] = text_of(*manifest.created);
  if (manifest.expires) json["expires"] = text_of(*manifest.expires);
  if (const auto& pinned = manifest.pinned) {
    json["pinned"] = Json{{"qemu", pinned->qemu}, {"machine", pinned->machine}};
    put_unless_empty(json["pinned"], "ovmf", pinned->ovmf);
    put_unless_empty(json["pinned"], "drivers", pinned->drivers);
  }
  if (manifest.contract) put_contract(json, *manifest.contract);
  json["profile"] = json_of_profile(manifest.profile);
  json["files"] = Json::array();
  for (const auto& file : manifest.files) json["files"].push_back(json_of_file(file));
  return json;
}

}  // namespace rescue::images
