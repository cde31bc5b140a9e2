// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/metrics/counters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

std::string lease_comment(const Lease& lease, const LeaseLimits& limits) {
  const auto allowed = lease.policy == LeasePolicy::once ? 1U : limits.boots;
  return fmt::format("{} until {}, boot {} of {}", name_of(lease.mode), rfc3339(lease.expires), lease.boots, allowed);
}

std::string disk_comment(const BootState& state, const LeaseLimits& limits, WallTime now) {
  if (!state.lease) return state.server + ": disk";
  return fmt::format("{}: disk, since the lease of {} is {}", state.server, name_of(state.lease->mode),
                     name_of(state_of(*state.lease, limits, now)));
}

std::optional<ipxe::SecondInitrd> second_initrd(const MacAddress& mac, const ApiOptions& options) {
  if (options.agent.url.empty()) return std::nullopt;
  auto hyphenated = mac.text();
  std::replace(hyphenated.begin(), hyphenated.end(), ':', '-');
  return ipxe::SecondInitrd{fmt::format("{}/boot/{}/rescue-boot.cpio", options.agent.boot_url, hyphenated),
                            options.agent_rules.alive};
}

/// What boots the disk; made on the io thread too.
std::string disk_script(const BootAnswer& answer, const std::string& mac, const Store& store) {
  if (!answer.server) {
    ++counters().boots_unknown;
    // In our spelling: nothing of a request gets into a script.
    return ipxe::disk_script_for_unknown(
        fmt::format("{} belongs to no server known here: disk", MacAddress::parse(mac).text()));
  }
  ++counters().boots_disk;
  return ipxe::disk_script(answer.server->disk, disk_comment(*answer.server, store.limits(), store.now()));
}

std::string script_for(BootBook& book, const Store& store, const MacAddress& mac, bool count,
                       const ApiOptions& options) {
  // Nothing to boot: nothing is counted either.
  const auto answer = book.boot({mac.number()}, count && options.rescue_windows.has_value());
  if (answer.mode == BootMode::disk) return disk_script(answer, mac.text(), store);
  const auto& state = answer.server.value();
  if (!options.rescue_windows) {
    log::error("{} is to boot {}, and netbootd.yaml does not say from where", state.server, name_of(answer.mode));
    return ipxe::disk_script(state.disk, state.server + ": disk, since netbootd.yaml does not say what it boots");
  }
  const auto comment = lease_comment(state.lease.value(), store.limits());
  ++counters().boots_rescue;
  log::info("{} boots {}", state.server, comment);
  return ipxe::rescue_script(state.disk, *options.rescue_windows, second_initrd(mac, options),
                             fmt::format("{}: {}", state.server, comment));
}

http::Response script_response(std::string script) {
  http::Response response;
  response.content_type = "text/plain";
  response.body = std::move(script);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// A server that asks what to boot gets an answer that boots, whatever is wrong here: a status other than 200 would
/// leave it in iPXE's shell or in a loop.
http::Response script_in_any_case(BootBook& book, const Store& store, const http::Request& request,
                                  const ApiOptions& options) {
  const auto mac = MacAddress::try_parse(request.parameters.at("mac"));
  if (!mac) return script_response(ipxe::disk_script_for_unknown("the request names no MAC address: disk"));
  try {
    return script_response(script_for(book, store, *mac, request.method == "GET", options));
  } catch (const std::exception& error) {
    log::error("boot script for {}: {}", mac->text(), report_of(error).one_line());
    return script_response(ipxe::disk_script_for_unknown("netbootd could not look the server up: disk"));
  }
}

std::optional<http::Response> script_at_once(const BootBook& book, const Store& store, const http::Request& request) {
  const auto& text = request.parameters.at("mac");
  const auto mac = MacAddress::number_of(text);
  if (!mac) return std::nullopt;
  const auto answer = book.at_once({*mac});
  if (!answer) return std::nullopt;
  return script_response(disk_script(*answer, text, store));
}

}  // namespace

void add_boot_script_routes(Gate& gate, Store& store, const SharedBootBook& book, const ApiOptions& options) {
  gate.add_open(
      "GET", "/boot/{mac}.ipxe",
      [&store, book](const http::Request& request) { return script_at_once(*book, store, request); },
      [&store, book, options](const http::Request& request) {
        return script_in_any_case(*book, store, request, options);
      });
  // "/boot/.ipxe" is what a firmware asks for that could not fill in its address.
  gate.add_open(
      "GET", "/boot/{anything}",
      [](const http::Request&) {
        return script_response(ipxe::disk_script_for_unknown("the request names no MAC address: disk"));
      },
      http::RunOn::io_thread);
}

}  // namespace rescue::netboot::api
