// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/log.hpp"
#include "netboot/api/routes.hpp"

namespace rescue::netboot::api {
namespace {

/// A socket for both families tells IPv4 addresses in IPv6's words: ::ffff:203.0.113.7.
std::string canonical_peer(const std::string& peer) {
  constexpr std::string_view mapped = "::ffff:";
  const bool is_mapped = peer.starts_with(mapped) && peer.find('.') != std::string::npos;
  return is_mapped ? peer.substr(mapped.size()) : peer;
}

http::Response second_initrd(Sessions& sessions, BootBook& book, const http::Request& request,
                             const AgentEndpoint& endpoint) {
  const auto mac = MacAddress::parse(request.parameters.at("mac"));
  const auto peer = canonical_peer(request.peer);
  http::Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  if (endpoint.url.empty()) {
    throw Error(ErrorCode::not_found, "this netbootd does not speak with host agents",
                "Set agent.url in netbootd.yaml.");
  }
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
  gate.add_open("GET", "/boot/{mac}/rescue-boot.cpio",
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
