// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/commands.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/secret.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

std::string server_path(const std::string& name) { return "/v1/servers/" + http::percent_encode(name); }

/// The answer of a netbootd: something else at that address must not end in a crash of ours.
json parsed(const std::string& body) {
  auto value = json::parse(body, nullptr, false);
  if (value.is_object()) return value;
  throw Error(ErrorCode::unavailable, "what answers there is not a netbootd", "Check --url.");
}

std::string text_of(const json& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

std::string macs_of(const json& server) {
  std::string macs;
  for (const auto& mac : server.value("macs", json::array())) {
    if (mac.is_string()) macs += (macs.empty() ? "" : ",") + mac.get<std::string>();
  }
  return macs;
}

/// "label:  value" lines, those without a value left out.
std::string facts(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [label, value] : pairs) width = std::max(width, label.size() + 1);
  std::string text;
  for (const auto& [label, value] : pairs) {
    if (!value.empty()) text += fmt::format("{:<{}}  {}\n", label + ":", width, value);
  }
  return text;
}

std::string server_facts(const json& server) {
  return facts({{"name", text_of(server, "name")},
                {"boot mode", text_of(server, "boot_mode")},
                {"MAC addresses", macs_of(server)},
                {"firmware", text_of(server, "firmware")},
                {"address", text_of(server, "address")},
                {"loader", text_of(server, "loader")},
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

void put_if_given(json& body, const char* key, const std::string& value) {
  if (!value.empty()) body[key] = value;
}

}  // namespace

std::string Commands::server_add(const NewServer& server) {
  json body{{"name", server.name}, {"macs", server.macs}};
  put_if_given(body, "firmware", server.firmware);
  put_if_given(body, "address", server.address);
  put_if_given(body, "loader", server.loader);
  auto answer = client_.call("POST", "/v1/servers", body.dump()).body;
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_list() {
  auto answer = client_.call("GET", "/v1/servers").body;
  if (json_) return answer;
  std::vector<std::vector<std::string>> rows{{"NAME", "BOOT MODE", "FIRMWARE", "ADDRESS", "MAC ADDRESSES"}};
  for (const auto& server : parsed(answer).value("servers", json::array())) {
    rows.push_back({text_of(server, "name"), text_of(server, "boot_mode"), text_of(server, "firmware"),
                    text_of(server, "address"), macs_of(server)});
  }
  return table(rows);
}

std::string Commands::server_show(const std::string& name) {
  auto answer = client_.call("GET", server_path(name)).body;
  return json_ ? answer : server_facts(parsed(answer));
}

std::string Commands::server_remove(const std::string& name) {
  (void)client_.call("DELETE", server_path(name));
  return json_ ? json{{"removed", name}}.dump(2) + "\n" : fmt::format("removed {}\n", name);
}

std::string Commands::server_agent_token(const std::string& name, const std::string& output) {
  auto response = client_.call("POST", server_path(name) + "/agent-token");
  auto answer = parsed(response.body);
  wipe(response.body);
  auto token = text_of(answer, "token");
  if (token.empty()) throw Error(ErrorCode::unavailable, "what answers there is not a netbootd", "Check --url.");
  wipe(answer["token"].get_ref<std::string&>());
  write_file_atomically(output, token, 0600);
  wipe(token);
  return json_ ? json{{"server", name}, {"file", output}}.dump(2) + "\n"
               : fmt::format("the token of {}'s host agent is in {}\n", name, output);
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
  auto answer = client_.call("PUT", server_path(change.server) + "/boot-mode", body.dump()).body;
  return json_ ? answer : boot_mode_facts(parsed(answer));
}

}  // namespace rescue::netboot::cli
