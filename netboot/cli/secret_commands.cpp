// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/secret_commands.hpp"

#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

/// Path of a secret; "7" is short for o-7.
std::string secret_path(const std::string& id) {
  const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return "/v1/secrets/" + http::percent_encode(is_number ? "o-" + id : id);
}

std::string visits_table(const json& visits) {
  std::vector<std::vector<std::string>> rows{{"TIME", "ACTION", "FROM", "REASON"}};
  for (const auto& visit : visits) {
    rows.push_back(
        {text_of(visit, "at"), text_of(visit, "action"), text_of(visit, "address"), text_of(visit, "reason")});
  }
  return rows.size() == 1 ? std::string{} : "\n" + table(rows);
}

}  // namespace

std::string SecretCommands::list(const std::string& server) {
  auto secrets = json::array();
  std::string cursor;
  do {
    const auto path = server_path(server) + "/secrets?limit=1000";
    const auto answer =
        parsed(client_.call("GET", cursor.empty() ? path : path + "&cursor=" + http::percent_encode(cursor)).body);
    for (const auto& secret : answer.value("secrets", json::array())) secrets.push_back(secret);
    cursor = text_of(answer, "next");
  } while (!cursor.empty());
  if (json_) return json{{"secrets", secrets}}.dump(2) + "\n";
  std::vector<std::vector<std::string>> rows{
      {"SECRET", "STATE", "CODE", "CREATED", "BY", "EXPIRES", "OPENED", "REFUSED", "REVEALED", "TO"}};
  for (const auto& secret : secrets) {
    rows.push_back({text_of(secret, "id"), text_of(secret, "state"),
                    text_of(secret, "needs_code") == "true" ? "yes" : "no", text_of(secret, "created_at"),
                    text_of(secret, "created_by"), text_of(secret, "expires_at"), text_of(secret, "opened"),
                    text_of(secret, "refused"), text_of(secret, "revealed_at"), text_of(secret, "revealed_to")});
  }
  return table(rows);
}

std::string SecretCommands::show(const std::string& id) {
  auto answer = client_.call("GET", secret_path(id)).body;
  if (json_) return answer;
  const auto secret = parsed(answer);
  return facts({{"secret", text_of(secret, "id")},
                {"server", text_of(secret, "server")},
                {"state", text_of(secret, "state")},
                {"needs a code", text_of(secret, "needs_code")},
                {"created", text_of(secret, "created_at")},
                {"created by", text_of(secret, "created_by")},
                {"expires", text_of(secret, "expires_at")},
                {"revealed", text_of(secret, "revealed_at")},
                {"revealed to", text_of(secret, "revealed_to")},
                {"revoked", text_of(secret, "revoked_at")},
                {"revoked by", text_of(secret, "revoked_by")},
                {"wrong codes", text_of(secret, "wrong_codes")}}) +
         visits_table(secret.value("visits", json::array()));
}

std::string SecretCommands::revoke(const std::string& id) {
  (void)client_.call("DELETE", secret_path(id));
  return json_ ? json{{"revoked", id}}.dump(2) + "\n" : fmt::format("revoked {}\n", id);
}

}  // namespace rescue::netboot::cli
