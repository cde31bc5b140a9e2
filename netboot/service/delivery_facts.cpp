// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/delivery_facts.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace rescue::netboot {
namespace {

using nlohmann::json;

json kept_details_json(const credentials::ConnectionDetails& details) {
  auto addresses = json::array();
  for (const auto& one : details.addresses) {
    addresses.push_back({{"address", one.address.text()}, {"viewer_port", one.viewer_port}});
  }
  auto keys = json::array();
  for (const auto& key : details.host_keys) {
    keys.push_back({{"type", key.type}, {"blob", key.blob}, {"fingerprint", key.fingerprint}});
  }
  return {{"server", details.server},
          {"addresses", addresses},
          {"rdp_port", details.rdp_port},
          {"ssh_port", details.ssh_port},
          {"user", details.user},
          {"host_keys", keys},
          {"rdp_certificate", details.rdp_certificate},
          {"session", details.session},
          {"ticket", details.ticket},
          {"viewer_certificate", details.viewer_certificate}};
}

credentials::ConnectionDetails kept_details_from(const json& body) {
  credentials::ConnectionDetails details;
  details.server = body.at("server").get<std::string>();
  for (const auto& one : body.at("addresses")) {
    details.addresses.push_back(
        {net::IpAddress::parse(one.at("address").get<std::string>()), one.at("viewer_port").get<std::uint16_t>()});
  }
  details.rdp_port = body.at("rdp_port").get<std::uint16_t>();
  details.ssh_port = body.at("ssh_port").get<std::uint16_t>();
  details.user = body.at("user").get<std::string>();
  for (const auto& key : body.at("host_keys")) {
    details.host_keys.push_back({key.at("type"), key.at("blob"), key.at("fingerprint")});
  }
  details.rdp_certificate = body.at("rdp_certificate").get<std::string>();
  details.session = body.at("session").get<std::string>();
  details.ticket = body.at("ticket").get<std::string>();
  details.viewer_certificate = body.at("viewer_certificate").get<std::string>();
  return details;
}

[[noreturn]] void refuse_box() {
  throw Error(ErrorCode::precondition, "the box of this delivery is not its own",
              "Somebody has changed the database: issue the secret again.");
}

}  // namespace

/// Three lines: JSON, the link, the code. The secrets are not in the JSON, whose strings nobody wipes.
Secret box_text(const DeliveryFacts& facts, const std::string& tag) {
  const json body{{"tag", tag},
                  {"connection", kept_details_json(facts.connection)},
                  {"link_expires", to_column(facts.link_expires)},
                  {"ends", facts.ends ? json(to_column(*facts.ends)) : json()},
                  {"code_policy", name_of(facts.code_policy)}};
  const auto head = body.dump(-1, ' ', false, json::error_handler_t::replace);
  Secret text(head.size() + facts.link.size() + facts.code.size() + 2);
  auto* end = text.data();
  for (const std::string_view part : {std::string_view(head), std::string_view("\n"), facts.link.reveal(),
                                      std::string_view("\n"), facts.code.reveal()}) {
    end = std::copy(part.begin(), part.end(), end);
  }
  return text;
}

DeliveryFacts facts_in(const Secret& text, const std::string& tag) {
  const auto all = text.reveal();
  const auto first = all.find('\n');
  const auto second = first == std::string_view::npos ? first : all.find('\n', first + 1);
  if (second == std::string_view::npos) refuse_box();
  try {
    const auto body = json::parse(all.substr(0, first));
    if (body.at("tag") != tag) refuse_box();
    DeliveryFacts facts;
    facts.connection = kept_details_from(body.at("connection"));
    facts.link_expires = from_column(body.at("link_expires").get<long long>());
    if (!body.at("ends").is_null()) facts.ends = from_column(body.at("ends").get<long long>());
    facts.code_policy = parse_word<contract::CodePolicy>(body.at("code_policy").get<std::string>())
                            .value_or(contract::CodePolicy::panel);
    facts.link = Secret(all.substr(first + 1, second - first - 1));
    facts.code = Secret(all.substr(second + 1));
    return facts;
  } catch (const json::exception&) {
    refuse_box();
  }
}

}  // namespace rescue::netboot
