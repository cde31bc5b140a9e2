// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

std::string lease_comment(const Lease& lease, const LeaseLimits& limits) {
  const auto allowed = lease.policy == LeasePolicy::once ? 1U : limits.boots;
  return fmt::format("{} until {}, boot {} of {}", name_of(lease.mode), rfc3339(lease.expires), lease.boots, allowed);
}

std::string disk_comment(const ServerState& state, const LeaseLimits& limits, WallTime now) {
  if (!state.lease) return fmt::format("{}: disk", state.server.name.text());
  return fmt::format("{}: disk, since the lease of {} is {}", state.server.name.text(), name_of(state.lease->mode),
                     name_of(state_of(*state.lease, limits, now)));
}

std::optional<ipxe::SecondInitrd> second_initrd(const MacAddress& mac, const ApiOptions& options) {
  if (options.agent.url.empty()) return std::nullopt;
  auto hyphenated = mac.text();
  std::replace(hyphenated.begin(), hyphenated.end(), ':', '-');
  return ipxe::SecondInitrd{fmt::format("{}/boot/{}/rescue-boot.cpio", options.agent.boot_url, hyphenated),
                            options.agent_rules.alive};
}

std::string script_for(Store& store, const MacAddress& mac, bool count, const ApiOptions& options) {
  // Nothing to boot: nothing is counted either.
  const auto state = store.boot(mac, count && options.rescue_windows.has_value());
  if (!state) return ipxe::disk_script_for_unknown(fmt::format("{} belongs to no server known here: disk", mac.text()));
  const auto& name = state->server.name.text();
  if (state->mode == BootMode::disk) {
    return ipxe::disk_script(state->server, disk_comment(*state, store.limits(), store.now()));
  }
  if (!options.rescue_windows) {
    log::error("{} is to boot {}, and netbootd.yaml does not say from where", name, name_of(state->mode));
    return ipxe::disk_script(state->server, name + ": disk, since netbootd.yaml does not say what rescue-windows is");
  }
  const auto comment = lease_comment(state->lease.value(), store.limits());
  log::info("{} boots {}", name, comment);
  return ipxe::rescue_script(state->server, *options.rescue_windows, second_initrd(mac, options),
                             fmt::format("{}: {}", name, comment));
}

/// A server that asks what to boot gets an answer that boots, whatever is wrong here: a status other than 200 would
/// leave it in iPXE's shell or in a loop.
std::string script_in_any_case(Store& store, const std::string& text, bool count, const ApiOptions& options) {
  const auto mac = MacAddress::try_parse(text);
  if (!mac) return ipxe::disk_script_for_unknown("the request names no MAC address: disk");
  try {
    return script_for(store, *mac, count, options);
  } catch (const std::exception& error) {
    log::error("boot script for {}: {}", mac->text(), report_of(error).one_line());
    return ipxe::disk_script_for_unknown("netbootd could not look the server up: disk");
  }
}

http::Response script_response(std::string script) {
  http::Response response;
  response.content_type = "text/plain";
  response.body = std::move(script);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void add_boot_script_routes(Gate& gate, Store& store, const ApiOptions& options) {
  gate.add_open("GET", "/boot/{mac}.ipxe", [&store, options](const http::Request& request) {
    const bool count = request.method == "GET";
    return script_response(script_in_any_case(store, request.parameters.at("mac"), count, options));
  });
  // "/boot/.ipxe" is what a firmware asks for that could not fill in its address.
  gate.add_open("GET", "/boot/{anything}", [&store, options](const http::Request&) {
    return script_response(script_in_any_case(store, "", false, options));
  });
}

}  // namespace rescue::netboot::api
