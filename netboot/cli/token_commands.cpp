// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/token_commands.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/secret.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

std::string servers_of(const json& token) {
  std::string names;
  const auto add = [&](const char* key, const std::string& prefix) {
    const auto listed = token.value(key, json());
    if (!listed.is_array()) return;
    for (const auto& name : listed) names += (names.empty() ? "" : ",") + prefix + name.get<std::string>();
  };
  add("servers", "");
  add("tags", "tag:");
  return names.empty() ? "all" : names;
}

json body_of(const NewTokenOrder& order, WallTime now) {
  json body{{"name", order.name}, {"role", order.role}};
  if (!order.servers.empty()) body["servers"] = order.servers;
  if (!order.tags.empty()) body["tags"] = order.tags;
  if (order.identity) body["identity"] = true;
  constexpr int hours_a_day = 24;
  if (order.days != 0) body["expires_at"] = rfc3339(now + std::chrono::hours(hours_a_day) * order.days);
  put_if_given(body, "expires_at", order.expires_at);
  return body;
}

}  // namespace

std::string TokenCommands::create(const NewTokenOrder& order) {
  // Checked first: a token that can't be written anywhere must not be created.
  if (std::filesystem::exists(order.output)) {
    throw Error(ErrorCode::conflict, order.output + " exists", "Name a new file: tokens are never overwritten.");
  }
  write_file_atomically(order.output, "", 0600);
  try {
    auto response = client_.call("POST", "/v1/tokens", body_of(order, clock_.wall()).dump());
    auto answer = parsed(response.body);
    wipe(response.body);
    auto token = text_of(answer, "token");
    if (token.empty()) throw Error(ErrorCode::unavailable, "the server that answers is not a netbootd", "Check --url.");
    wipe(answer["token"].get_ref<std::string&>());
    write_file_atomically(order.output, token, 0600);
    wipe(token);
    answer.erase("token");
    answer["file"] = order.output;
    return json_ ? answer.dump(2) + "\n"
                 : fmt::format("token {} ({}) is in {}\n", order.name, text_of(answer, "id"), order.output);
  } catch (...) {
    remove_file_durably(order.output);
    throw;
  }
}

std::string TokenCommands::list() {
  auto answer = client_.call("GET", "/v1/tokens").body;
  if (json_) return answer;
  std::vector<std::vector<std::string>> rows{
      {"TOKEN", "NAME", "ROLE", "STATE", "SERVERS", "EXPIRES", "LAST USED", "FROM"}};
  for (const auto& token : parsed(answer).value("tokens", json::array())) {
    rows.push_back({text_of(token, "id"), text_of(token, "name"), text_of(token, "role"), text_of(token, "state"),
                    servers_of(token), text_of(token, "expires_at"), text_of(token, "last_used_at"),
                    text_of(token, "last_used_from")});
  }
  return table(rows);
}

std::string TokenCommands::id_of(const std::string& token) {
  const bool is_number = token.starts_with("k-") && token.find_first_not_of("0123456789", 2) == std::string::npos;
  const auto answer = parsed(client_.call("GET", "/v1/tokens").body);
  for (const auto& listed : answer.value("tokens", json::array())) {
    const bool found = is_number ? text_of(listed, "id") == token
                                 : text_of(listed, "name") == token && text_of(listed, "state") != "revoked";
    if (found) return text_of(listed, "id");
  }
  throw Error(ErrorCode::not_found, fmt::format("there is no token '{}'", token), "See 'netbootctl token list'.");
}

std::string TokenCommands::revoke(const std::string& token) {
  const auto id = id_of(token);
  (void)client_.call("DELETE", "/v1/tokens/" + http::percent_encode(id));
  return json_ ? json{{"revoked", id}}.dump(2) + "\n" : fmt::format("revoked {}\n", id);
}

}  // namespace rescue::netboot::cli
