// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/ticket_commands.hpp"

#include "core/error.hpp"
#include "core/net/ip_address.hpp"
#include "credentials/ticket.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/requester_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

/// Values that a helper needs.
struct OpenedTicket {
  Secret number;
  std::vector<std::string> addresses;
  std::uint16_t port = 0;
};

[[noreturn]] void fail_foreign() {
  throw Error(ErrorCode::denied, "the host has sealed something else than a ticket",
              "Do not use it. Open a ticket on the host: rescuectl ticket open.");
}

/// Checks each value: it goes into a command line, and the host may be hostile.
OpenedTicket opened_ticket(const json& ticket, const std::string& server, const Secret& key) {
  const auto sealed = text_of(ticket, "sealed");
  if (sealed.empty()) {
    throw Error(ErrorCode::not_found, fmt::format("the ticket of {} was not opened through netbootd", server),
                "On the host: rescuectl ticket show.");
  }
  auto content = opened_object(sealed, key, "a ticket");
  auto text = text_of(content, "ticket");
  auto parsed = credentials::parse_ticket(text);
  wipe(text);
  if (content.contains("ticket") && content["ticket"].is_string()) wipe(content["ticket"].get_ref<std::string&>());
  OpenedTicket opened{std::move(parsed.number), {}};
  const auto port = content.value("port", json());
  const auto addresses = content.value("addresses", json());
  const bool is_port = port.is_number_unsigned() && port >= 1U && port <= UINT16_MAX;
  if (parsed.fault != credentials::TicketFault::none || !is_port || !addresses.is_array()) fail_foreign();
  opened.port = port.get<std::uint16_t>();
  for (const auto& one : addresses) {
    const auto address = net::IpAddress::try_parse(one.is_string() ? one.get<std::string>() : std::string{});
    if (!address) fail_foreign();
    opened.addresses.push_back(address->text());
  }
  if (opened.addresses.empty()) fail_foreign();
  return opened;
}

std::string viewer_command(const OpenedTicket& opened) {
  return fmt::format("rescue-viewer --ticket={} --ipaddress={} --port={}", opened.number.reveal(),
                     opened.addresses.front(), opened.port);
}

/// `time`: member of the helper that is shown, too.
std::string helper_text(const json& helper, const char* time) {
  return fmt::format("{} from {}, {} {}", text_of(helper, "name"), text_of(helper, "address"), time,
                     text_of(helper, time));
}

std::string addresses_text(const json& ticket) {
  std::vector<std::string> texts;
  for (const auto& address : ticket.value("addresses", json::array())) {
    if (address.is_string()) texts.push_back(address.get<std::string>());
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string ticket_facts(const std::string& server, const json& ticket, const OpenedTicket* opened) {
  const bool is_open = ticket.value("open", false);
  std::vector<std::pair<std::string, std::string>> lines{{"server", server}};
  if (!is_open) {
    const auto why = text_of(ticket, "closed_because");
    lines.emplace_back("state", why.empty() ? "no ticket is open" : "ended: " + why);
    return facts(lines);
  }
  if (opened != nullptr) lines.emplace_back("ticket", opened->number.reveal());
  lines.emplace_back("addresses", opened != nullptr ? fmt::format("{}", fmt::join(opened->addresses, ", "))
                                                    : addresses_text(ticket));
  lines.emplace_back("port", opened != nullptr ? std::to_string(opened->port) : text_of(ticket, "port"));
  lines.emplace_back("role", text_of(ticket, "role"));
  lines.emplace_back("customer is asked", ticket.value("ask_customer", true) ? "yes" : "no");
  lines.emplace_back("opened", text_of(ticket, "opened_at"));
  const auto asking = ticket.value("asking", json());
  if (asking.is_object()) lines.emplace_back("asks", helper_text(asking, "until"));
  for (const auto& helper : ticket.value("connected", json::array())) {
    lines.emplace_back("is in", helper_text(helper, "since"));
  }
  if (opened != nullptr) lines.emplace_back("viewer", viewer_command(*opened));
  return facts(lines);
}

}  // namespace

std::string TicketCommands::open(const TicketOptions& options) {
  const bool has_key = !options.secret_key_file.empty();
  std::optional<Secret> key;
  if (has_key) {
    key = secret_key_from(options.secret_key_file);
    require_requesters_key(client_, options.server, options.secret_key_file, *key);
  }
  json body{{"role", options.view ? "view" : "control"}, {"ask_customer", !options.no_message}};
  if (options.port != 0) body["port"] = options.port;
  auto answer = client_.call("POST", server_path(options.server) + "/tickets", body.dump()).body;
  const bool wait = options.wait || has_key;
  auto task = tasks_.followed(std::move(answer), wait);
  return wait ? shown_ticket(options.server, key ? &*key : nullptr) : task;
}

std::string TicketCommands::show(const TicketOptions& options) {
  if (options.secret_key_file.empty()) return shown_ticket(options.server, nullptr);
  const auto key = secret_key_from(options.secret_key_file);
  require_requesters_key(client_, options.server, options.secret_key_file, key);
  return shown_ticket(options.server, &key);
}

std::string TicketCommands::end(const TicketOptions& options) {
  return tasks_.followed(client_.call("DELETE", server_path(options.server) + "/tickets").body, options.wait);
}

std::string TicketCommands::shown_ticket(const std::string& server, const Secret* key) {
  auto answer = client_.call("GET", server_path(server) + "/tickets").body;
  auto body = parsed(answer);
  const auto found = body.value("ticket", json());
  const auto ticket = found.is_object() ? found : json::object();
  if (key == nullptr) return json_ ? answer : ticket_facts(server, ticket, nullptr);
  if (!ticket.value("open", false)) {
    const auto why = text_of(ticket, "closed_because");
    throw Error(ErrorCode::not_found,
                fmt::format("no ticket of {} is open{}", server, why.empty() ? "" : ": it was " + why));
  }
  const auto opened = opened_ticket(ticket, server, *key);
  if (!json_) return ticket_facts(server, ticket, &opened);
  body["number"] = opened.number.reveal();
  body["viewer"] = viewer_command(opened);
  return body.dump(2) + "\n";
}

}  // namespace rescue::netboot::cli
