// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/commands.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/peer_json.hpp"
#include "core/secret.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

std::string joined(const json& server, const char* key) {
  std::string text;
  for (const auto& item : server.value(key, json::array())) {
    if (item.is_string()) text += (text.empty() ? "" : ",") + item.get<std::string>();
  }
  return text;
}

std::string bmc_of(const json& server) {
  const auto bmc = server.value("bmc", json());
  if (!bmc.is_object()) return {};
  if (text_of(bmc, "kind") == "redfish") {
    return fmt::format("{} as {}, {}", text_of(bmc, "url"), text_of(bmc, "user"),
                       !text_of(bmc, "fingerprint").empty() ? "certificate " + text_of(bmc, "fingerprint")
                       : !text_of(bmc, "ca").empty()        ? "certificate by its CA"
                                                            : "certificate by the system's CAs");
  }
  return fmt::format("{}:{} as {}, cipher suite {}", text_of(bmc, "address"), text_of(bmc, "port"),
                     text_of(bmc, "user"), text_of(bmc, "cipher_suite"));
}

std::string server_facts(const json& server) {
  return facts({{"name", text_of(server, "name")},
                {"boot mode", text_of(server, "boot_mode")},
                {"MAC addresses", joined(server, "macs")},
                {"firmware", text_of(server, "firmware")},
                {"address", text_of(server, "address")},
                {"loader", text_of(server, "loader")},
                {"UUID", text_of(server, "uuid")},
                {"serial number", text_of(server, "serial")},
                {"tags", joined(server, "tags")},
                {"notes", text_of(server, "notes")},
                {"BMC", bmc_of(server)},
                {"created", text_of(server, "created_at")}});
}

std::string boot_mode_facts(const json& answer) {
  const auto lease = answer.value("lease", json());
  if (!lease.is_object()) {
    return facts({{"server", text_of(answer, "server")}, {"boot mode", text_of(answer, "mode")}});
  }
  return facts({{"server", text_of(answer, "server")},
                {"boot mode", text_of(answer, "mode")},
                {"lease", fmt::format("{}, {}", text_of(lease, "mode"), text_of(lease, "state"))},
                {"policy", text_of(lease, "policy")},
                {"requested by", text_of(lease, "requested_by")},
                {"reason", text_of(lease, "reason")},
                {"expires", text_of(lease, "expires_at")},
                {"boots", fmt::format("{}, {} left", text_of(lease, "boots"), text_of(lease, "boots_left"))},
                {"last boot", text_of(lease, "last_boot_at")}});
}

std::string listed(const json& items) {
  std::string text;
  for (const auto& item : items) {
    if (item.is_string()) text += (text.empty() ? "" : ", ") + item.get<std::string>();
  }
  return text;
}

std::string check_facts(const json& check) {
  const auto can = check.value("can", json::object());
  return facts({{"server", text_of(check, "server")},
                {"BMC", fmt::format("{}, {} {}, firmware {}", text_of(check, "kind"), text_of(check, "vendor"),
                                    text_of(check, "product"), text_of(check, "firmware_version"))},
                {"system", text_of(check, "system")},
                {"login", text_of(check, "login")},
                {"power", text_of(check, "power")},
                {"boot device", text_of(check, "boot_device")},
                {"power actions", listed(can.value("power", json::array()))},
                {"boot devices", listed(can.value("boot_device", json::array()))}});
}

json members_of(const NewServer& server) {
  auto body = json::object();
  if (!server.macs.empty()) body["macs"] = server.macs;
  put_if_given(body, "firmware", server.firmware);
  put_if_given(body, "address", server.address);
  put_if_given(body, "loader", server.loader);
  put_if_given(body, "uuid", server.uuid);
  put_if_given(body, "serial", server.serial);
  if (!server.tags.empty()) body["tags"] = server.tags;
  put_if_given(body, "notes", server.notes);
  return body;
}

std::string_view media_type_of(const std::string& path) {
  if (path.ends_with(".csv")) return "text/csv";
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return "application/yaml";
  throw Error(ErrorCode::usage, path + " has none of the suffixes of a file of servers",
              "Use .csv, .json, .yaml or .yml.");
}

/// Throws the errors of the answer, each on a line, with its line in the file.
void require_imported(const http::Response& response, const std::string& path) {
  const auto problem = parse_peer_json(response.body, response.body.size());
  if (response.status < 400 || !problem.is_object() || !problem.contains("errors")) {
    return http::throw_if_problem(response);
  }
  std::string lines = "nothing was imported";
  for (const auto& error : problem["errors"]) {
    const auto field = text_of(error, "field");
    lines += fmt::format("\n{}:{}: {}{}{}", path, text_of(error, "line"), field, field.empty() ? "" : ": ",
                         text_of(error, "detail"));
  }
  throw Error(error_code_of(text_of(problem, "code")), lines, text_of(problem, "hint"));
}

json bmc_body(const NewBmc& bmc) {
  if (bmc.address.empty() && bmc.url.empty()) {
    throw Error(ErrorCode::usage, "the address of the BMC is missing",
                "Name --bmc-address (IPMI) or --bmc-url (Redfish).");
  }
  json body{{"user", bmc.user}};
  put_if_given(body, "kind", bmc.kind.empty() && !bmc.url.empty() ? "redfish" : bmc.kind);
  put_if_given(body, "address", bmc.address);
  put_if_given(body, "url", bmc.url);
  put_if_given(body, "fingerprint", bmc.fingerprint);
  put_if_given(body, "system", bmc.system);
  if (!bmc.ca_file.empty()) body["ca"] = read_file(bmc.ca_file);
  if (bmc.port != 0) body["port"] = bmc.port;
  if (bmc.cipher_suite != 0) body["cipher_suite"] = bmc.cipher_suite;
  body["password"] = read_secret_file(bmc.password_file).reveal();
  return body;
}

/// Sends a request and wipes its body, which has a password in it.
std::string sent(http::Client& client, const char* method, const std::string& path, const json& body) {
  auto text = body.dump();
  try {
    auto answer = client.call(method, path, text).body;
    wipe(text);
    return answer;
  } catch (...) {
    wipe(text);
    throw;
  }
}

}  // namespace

std::string Commands::server_add(const NewServer& server) {
  auto body = members_of(server);
  body["name"] = server.name;
  if (!server.bmc.user.empty()) body["bmc"] = bmc_body(server.bmc);
  auto answer = sent(client_, "POST", "/v1/servers", body);
  if (body.contains("bmc")) wipe(body["bmc"]["password"].get_ref<std::string&>());
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_edit(const NewServer& server) {
  auto body = members_of(server);
  for (const auto& member : server.cleared) body[member] = nullptr;
  if (body.empty())
    throw Error(ErrorCode::usage, "nothing to change was given", "See 'netbootctl server edit --help'.");
  auto answer = client_.call("PATCH", server_path(server.name) + (server.force ? "?force=true" : ""), body.dump()).body;
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_list(const ServerFilter& filter) {
  constexpr unsigned page = 1000;
  auto servers = json::array();
  std::string cursor;
  do {
    auto path = "/v1/servers?limit=" + std::to_string(filter.limit == 0 ? page : std::min(filter.limit, page));
    for (const auto& [name, value] :
         {std::pair("q", filter.text), {"tag", filter.tag}, {"mode", filter.mode}, {"cursor", cursor}}) {
      if (!value.empty()) path += fmt::format("&{}={}", name, http::percent_encode(value));
    }
    auto answer = parsed(client_.call("GET", path).body);
    for (auto& server : answer.value("servers", json::array())) {
      if (filter.limit == 0 || servers.size() < filter.limit) servers.push_back(std::move(server));
    }
    cursor = text_of(answer, "next");
  } while (!cursor.empty() && (filter.limit == 0 || servers.size() < filter.limit));
  if (json_) return json{{"servers", servers}}.dump(2) + "\n";
  std::vector<std::vector<std::string>> rows{{"NAME", "BOOT MODE", "FIRMWARE", "ADDRESS", "MAC ADDRESSES", "TAGS"}};
  for (const auto& server : servers) {
    rows.push_back({text_of(server, "name"), text_of(server, "boot_mode"), text_of(server, "firmware"),
                    text_of(server, "address"), joined(server, "macs"), joined(server, "tags")});
  }
  return table(rows);
}

std::string Commands::server_import(const ServerFile& file) {
  const auto type = media_type_of(file.path);
  auto body = read_file(file.path);
  const auto response =
      client_.request("POST", fmt::format("/v1/servers:import?update={}&dry_run={}", file.update, file.dry_run), body,
                      http::HeaderViews{{"Content-Type", type}});
  wipe(body);
  require_imported(response, file.path);
  if (json_) return response.body;
  const auto answer = parsed(response.body);
  return fmt::format("{} added, {} changed{}\n", text_of(answer, "added"), text_of(answer, "updated"),
                     file.dry_run ? ": nothing was written" : "");
}

std::string Commands::server_show(const std::string& name) {
  auto answer = client_.call("GET", server_path(name)).body;
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_bmc(const NewServer& server) {
  auto body = bmc_body(server.bmc);
  auto answer = sent(client_, "PUT", server_path(server.name) + (server.force ? "/bmc?force=true" : "/bmc"), body);
  wipe(body["password"].get_ref<std::string&>());
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_bmc_check(const std::string& name) {
  auto answer = client_.call("POST", server_path(name) + "/bmc/check").body;
  return json_ ? answer : check_facts(parsed(answer));
}

std::string Commands::boot_device_set(const std::string& name, const std::string& device, bool lasting) {
  const json body{{"device", device}, {"lasting", lasting}};
  auto answer = client_.call("PUT", server_path(name) + "/boot-device", body.dump()).body;
  if (json_) return answer;
  const auto set = parsed(answer);
  const auto until = text_of(set, "device") == "none" ? ""
                     : set.value("lasting", false)    ? ", for every boot"
                                                      : ", once";
  return facts({{"server", text_of(set, "server")}, {"boot device", text_of(set, "device") + until}});
}

std::string Commands::server_remove(const std::string& name, bool force) {
  (void)client_.call("DELETE", server_path(name) + (force ? "?force=true" : ""));
  return json_ ? json{{"removed", name}}.dump(2) + "\n" : fmt::format("removed {}\n", name);
}

std::string Commands::server_agent_token(const std::string& name, const std::string& output) {
  auto response = client_.call("POST", server_path(name) + "/agent-token");
  auto answer = parsed(response.body);
  wipe(response.body);
  auto token = text_of(answer, "token");
  if (token.empty()) throw Error(ErrorCode::unavailable, "the server that answers is not a netbootd", "Check --url.");
  wipe(answer["token"].get_ref<std::string&>());
  write_file_atomically(output, token, 0600);
  wipe(token);
  return json_ ? json{{"server", name}, {"file", output}}.dump(2) + "\n"
               : fmt::format("the token of {}'s host agent is in {}\n", name, output);
}

std::string Commands::server_revoke_agent(const std::string& name) {
  (void)client_.call("DELETE", server_path(name) + "/agent-token");
  return json_ ? json{{"revoked", name}}.dump(2) + "\n" : fmt::format("revoked all tokens of {}\n", name);
}

std::string Commands::boot_modes() {
  auto answer = client_.call("GET", "/v1/boot-modes").body;
  if (json_) return answer;
  std::vector<std::vector<std::string>> rows{{"NAME", "AVAILABLE", "DESCRIPTION"}};
  for (const auto& mode : parsed(answer).value("boot_modes", json::array())) {
    const auto why_not = text_of(mode, "unavailable_because");
    rows.push_back({text_of(mode, "name"), why_not.empty() ? "yes" : "no: " + why_not, text_of(mode, "description")});
  }
  return table(rows);
}

std::string Commands::boot_mode_show(const std::string& name) {
  auto answer = client_.call("GET", server_path(name) + "/boot-mode").body;
  return json_ ? answer : boot_mode_facts(parsed(answer));
}

std::string Commands::boot_mode_set(const NewBootMode& change) {
  json body{{"mode", change.mode}};
  put_if_given(body, "policy", change.policy);
  put_if_given(body, "ttl", change.ttl);
  put_if_given(body, "reason", change.reason);
  if (change.force) body["force"] = true;
  auto answer = client_.call("PUT", server_path(change.server) + "/boot-mode", body.dump()).body;
  return json_ ? answer : boot_mode_facts(parsed(answer));
}

}  // namespace rescue::netboot::cli
