// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/mail_values.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/net/ip_address.hpp"

#include <fmt/format.h>

#include <ctime>

namespace rescue::netboot {
namespace {

constexpr const char* value_names[] = {
    "server",       "provider",   "support",      "language",    "subject",         "link",
    "link_expires", "user",       "rdp_place",    "ssh_command", "rdp_certificate", "ssh_fingerprints",
    "ends",         "code_panel", "code_webhook", "code_none",   "other_addresses"};

/// The host, with its port where that is not the usual one.
std::string place_text(const net::IpAddress& address, unsigned port, unsigned usual) {
  return port == usual ? address.text() : fmt::format("{}:{}", net::host_in_url(address.text()), port);
}

/// Leaves out fingerprints and commands if the host reports something malformed: the page of the link has the rest.
void put_connection(MailValues& values, const credentials::ConnectionDetails& details) {
  constexpr unsigned rdp = 3389;
  try {
    credentials::check(details);
  } catch (const Error& error) {
    log::warning("the mail about {} has no fingerprints: {}", values["server"], error.what());
    if (!details.addresses.empty()) values["rdp_place"] = details.addresses.front().address.text();
    return;
  }
  values["user"] = details.user;
  values["rdp_certificate"] = details.rdp_certificate;
  for (const auto& key : details.host_keys) {
    auto& lines = values["ssh_fingerprints"];
    if (!lines.empty()) lines += '\n';
    lines += key.type.empty() ? credentials::fingerprint_of(key)
                              : fmt::format("{} {}", key.type, credentials::fingerprint_of(key));
  }
  const auto& first = details.addresses.front().address;
  values["rdp_place"] = place_text(first, details.rdp_port, rdp);
  values["ssh_command"] = credentials::shell_command(credentials::ssh_arguments(details, first));
  for (std::size_t i = 1; i < details.addresses.size(); ++i) {
    values["other_addresses"] += (i == 1 ? "" : ", ") + details.addresses[i].address.text();
  }
}

}  // namespace

std::string mail_time(WallTime time) {
  constexpr int first_year = 1900;
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + first_year, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min);
}

MailValues mail_values(const DeliveryRecord& record, const DeliveryFacts& facts, const DeliverySettings& settings) {
  MailValues values;
  for (const auto* const name : value_names) values[name];
  values["server"] = facts.connection.server.empty() ? record.server.text() : facts.connection.server;
  values["provider"] = settings.provider;
  values["support"] = settings.support;
  if (facts.ends) values["ends"] = mail_time(*facts.ends);
  if (record.kind != DeliveryKind::access) return values;
  values["link"] = facts.link.reveal();
  values["link_expires"] = mail_time(facts.link_expires);
  values[fmt::format("code_{}", name_of(facts.code_policy))] = "yes";
  put_connection(values, facts.connection);
  return values;
}

MailValues sample_mail_values(const std::string& value) {
  MailValues values;
  for (const auto* const name : value_names) values[name] = value;
  return values;
}

}  // namespace rescue::netboot
