// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/routes.hpp"

namespace rescue::netboot::api {
namespace {

http::Response second_initrd(HostAgents& agents, const http::Request& request) {
  const auto mac = MacAddress::parse(request.parameters.at("mac"));
  const auto peer = address_of(request);
  http::Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  if (request.method == "GET") {
    response.body = agents.second_initrd(mac, peer);
  } else {
    agents.check_second_initrd(mac, peer);
  }
  return response;
}

}  // namespace

void add_second_initrd_route(Gate& gate, const SharedServices& services) {
  gate.add_for_servers("GET", "/boot/{mac}/rescue-boot.cpio", [services](const http::Request& request) {
    try {
      return second_initrd(services->host_agents, request);
    } catch (const Error& error) {
      // The server shows the status at most: the log has the reason.
      log::warning("no boot token for {}: {}", request.peer, report_of(error).one_line());
      throw;
    }
  });
}

}  // namespace rescue::netboot::api
