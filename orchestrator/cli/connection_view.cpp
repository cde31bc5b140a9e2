// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/connection_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::cli {

credentials::ConnectionDetails connection_details(const nlohmann::json& status) {
  const auto& connection = status.at("connection");
  credentials::ConnectionDetails details;
  details.server = status.at("server").get<std::string>();
  details.session = status.at("id").get<std::string>();
  details.addresses = {{net::IpAddress::parse(connection.at("address").get<std::string>()), 0}};
  details.user = connection.at("user").get<std::string>();
  details.rdp_certificate = connection.at("rdp_certificate").get<std::string>();
  details.host_keys = {{connection.at("ssh_host_key_type").get<std::string>(),
                        connection.value("ssh_host_key_blob", ""), connection.at("ssh_host_key").get<std::string>()}};
  return details;
}

std::map<std::string, std::string> connection_files(const credentials::ConnectionDetails& details) {
  credentials::check(details);
  const auto& address = details.addresses.front().address;
  std::map<std::string, std::string> files;
  auto known_hosts = credentials::known_hosts(details);
  const std::string known_hosts_file = known_hosts.empty() ? "" : "rescue.known_hosts";
  auto freerdp = credentials::freerdp_arguments(details, address);
  freerdp.insert(freerdp.begin(), "xfreerdp");
  files["rescue.txt"] =
      fmt::format("{}\nCommands, in the folder of these files:\n  {}\n  {}\n", credentials::fingerprint_text(details),
                  credentials::shell_command(credentials::ssh_arguments(details, address, known_hosts_file)),
                  credentials::shell_command(freerdp));
  files["rescue.rdp"] = credentials::rdp_file(details, address);
  files["rescue.json"] = credentials::connection_json(details).dump(2) + "\n";
  if (!known_hosts.empty()) files[known_hosts_file] = std::move(known_hosts);
  return files;
}

}  // namespace rescue::cli
