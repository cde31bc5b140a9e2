// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

/// What memory can tell is wrong, for whoever asks: the database is not asked for them.
void refuse_strangers(const BootBook& book, const MacAddress& mac, const std::string& peer) {
  if (!book.knows_all()) return;
  const auto known = book.known(BootKey(mac.number()));
  if (known && !known->address.empty() && known->address != peer) {
    throw Error(ErrorCode::denied, fmt::format("{} is not the address of {}", peer, known->server),
                "Boot tokens go to the server's registered address only.");
  }
  if (!known) {
    throw Error(ErrorCode::not_found, fmt::format("{} belongs to no server known here", mac.text()));
  }
}

http::Response second_initrd(Sessions& sessions, BootBook& book, const http::Request& request,
                             const AgentEndpoint& endpoint) {
  const auto mac = MacAddress::parse(request.parameters.at("mac"));
  const auto peer = address_of(request);
  http::Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  if (endpoint.url.empty()) {
    throw Error(ErrorCode::not_found, "this netbootd does not speak with host agents",
                "Set agent.url in netbootd.yaml.");
  }
  refuse_strangers(book, mac, peer);
  book.catch_up(false);  // this boot may have been answered while the database was away
  if (request.method != "GET") {
    sessions.check_mint(mac, peer);
    return response;
  }
  const auto ca = endpoint.ca_file.empty() ? std::string{} : read_file(endpoint.ca_file);
  const auto token = sessions.mint(mac, peer);
  log::info("boot token for {} at {}", token.server.text(), peer);
  response.body = rescue_boot_archive(endpoint, token, ca);
  return response;
}

}  // namespace

void add_second_initrd_route(Gate& gate, const SharedSessions& sessions, const SharedBootBook& book,
                             const ApiOptions& options) {
  gate.add_for_servers("GET", "/boot/{mac}/rescue-boot.cpio",
                       [sessions, book, endpoint = options.agent](const http::Request& request) {
                         try {
                           return second_initrd(*sessions, *book, request, endpoint);
                         } catch (const Error& error) {
                           // The server shows a status at most: what is wrong is looked for here.
                           log::warning("no boot token for {}: {}", request.peer, report_of(error).one_line());
                           throw;
                         }
                       });
}

}  // namespace rescue::netboot::api
