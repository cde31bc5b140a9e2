// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/metrics/counters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

/// Reads the server's key from a request; none if it holds none.
using KeyOf = std::optional<BootKey> (*)(const http::Request&);

std::optional<BootKey> by_mac(const http::Request& request) {
  return MacAddress::number_of(request.parameters.at("mac"));
}

std::optional<BootKey> by_uuid(const http::Request& request) { return UuidNumber::of(request.parameters.at("uuid")); }

/// Removes the spaces that some firmware appends. Slashes belong to the number, encoded or not: iPXE sends both.
std::optional<BootKey> by_serial(const http::Request& request) {
  constexpr std::string_view suffix = ".ipxe";
  auto text = request.parameters.at("serial");
  if (!text.ends_with(suffix)) return std::nullopt;
  text.resize(text.size() - suffix.size());
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return std::nullopt;
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Describes the key in fixed words: nothing of a request gets into a script or the log.
std::string text_of(const BootKey& key) {
  if (const auto* const mac = std::get_if<std::uint64_t>(&key)) return MacAddress::of_number(*mac).text();
  if (const auto* const uuid = std::get_if<UuidNumber>(&key)) return uuid->text();
  return "the serial number";
}

std::string lease_comment(const Lease& lease, const LeaseLimits& limits) {
  const auto allowed = lease.policy == LeasePolicy::once ? 1U : limits.boots;
  return fmt::format("{} until {}, boot {} of {}", lease.mode.name(), rfc3339(lease.expires), lease.boots, allowed);
}

std::string disk_comment(const BootState& state, const LeaseLimits& limits, WallTime now) {
  if (!state.lease) return state.server + ": disk";
  return fmt::format("{}: disk, since the lease of {} is {}", state.server, state.lease->mode.name(),
                     name_of(state_of(*state.lease, limits, now)));
}

std::optional<ipxe::SecondInitrd> second_initrd(const BootKey& key, const BootState& state, const ApiOptions& options) {
  if (options.agent.url.empty()) return std::nullopt;
  const auto* const card = std::get_if<std::uint64_t>(&key);
  auto hyphenated = MacAddress::of_number(card != nullptr ? *card : state.mac).text();
  std::replace(hyphenated.begin(), hyphenated.end(), ':', '-');
  return ipxe::SecondInitrd{fmt::format("{}/boot/{}/rescue-boot.cpio", options.agent.boot_url, hyphenated),
                            options.agent_rules.alive};
}

/// Warns, rarely, of another peer that asks for a server whose next boot is not the disk.
void warn_of_stranger(const BootState& state, const std::string& peer, Allowances& allowances) {
  if (allowances.of_warnings.take(state.server)) return;
  log::warning("{} asked for the boot script of {}, whose address is {}: it gets the disk's, and nothing is counted",
               peer, state.server, state.address);
}

/// Without a registered address any peer may be the server: each request counts, so their rate is limited.
bool boots_too_often(const BootBook& book, const BootKey& key, const std::string& peer, Allowances& allowances) {
  const auto known = book.known(key);
  if (!known || !known->address.empty() || !known->lease) return false;
  if (!allowances.of_boots.take(known->server)) return false;
  if (!allowances.of_warnings.take(known->server)) {
    log::warning("{} asked too often for the boot script of {}: it gets the disk's, and nothing is counted", peer,
                 known->server);
  }
  return true;
}

/// The script that boots the disk; also used on the io thread.
std::string disk_script(const BootAnswer& answer, const BootKey& key, const Services& services) {
  if (answer.is_stranger) {
    ++counters().boots_disk;
    return ipxe::disk_script(answer.server->disk, answer.server->server + ": disk");
  }
  if (!answer.server) {
    ++counters().boots_unknown;
    return ipxe::disk_script_for_unknown(text_of(key) + " belongs to no server known here: disk");
  }
  ++counters().boots_disk;
  return ipxe::disk_script(answer.server->disk, disk_comment(*answer.server, services.limits(), services.now()));
}

std::string script_for(Services& services, const BootKey& key, const http::Request& request,
                       const ApiOptions& options) {
  const auto peer = address_of(request);
  if (boots_too_often(services.book, key, peer, *options.allowances)) {
    return disk_script({services.book.known(key), BootMode::disk, true}, key, services);
  }
  const auto answer = services.book.boot(key, request.method == "GET", peer);
  if (answer.is_stranger) warn_of_stranger(*answer.server, peer, *options.allowances);
  if (answer.mode == BootMode::disk) return disk_script(answer, key, services);
  const auto& state = answer.server.value();
  const auto mode = answer.mode.name();
  if (!options.catalogue.boots(answer.mode)) {
    log::error("{} is to boot {}, but netbootd.yaml does not name its source", state.server, mode);
    return ipxe::disk_script(
        state.disk, fmt::format("{}: disk, since netbootd.yaml does not say what {} boots", state.server, mode));
  }
  const auto& choice = *options.catalogue.find(answer.mode);
  const auto comment = lease_comment(state.lease.value(), services.limits());
  counters().boots.add(mode);
  log::info("{} boots {}; asked from {}", state.server, comment, peer);
  return ipxe::boot_script(state.disk, *choice.boot,
                           choice.has_agent ? second_initrd(key, state, options) : std::nullopt,
                           fmt::format("{}: {}", state.server, comment));
}

http::Response script_response(std::string script) {
  http::Response response;
  response.content_type = "text/plain";
  response.body = std::move(script);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

/// Answers with a script that boots, whatever fails here: a status other than 200 would leave the server in iPXE's
/// shell or in a loop.
http::Response script_in_any_case(Services& services, const http::Request& request, KeyOf key_of,
                                  const ApiOptions& options) {
  const auto key = key_of(request);
  if (!key) return script_response(ipxe::disk_script_for_unknown("the request names no server: disk"));
  try {
    return script_response(script_for(services, *key, request, options));
  } catch (const std::exception& error) {
    log::error("boot script for {}: {}", text_of(*key), report_of(error).one_line());
    return script_response(ipxe::disk_script_for_unknown("netbootd could not look the server up: disk"));
  }
}

std::optional<http::Response> script_at_once(const Services& services, const http::Request& request, KeyOf key_of,
                                             Allowances& allowances) {
  const auto key = key_of(request);
  if (!key) return std::nullopt;
  const auto peer = address_of(request);
  const auto answer = services.book.at_once(*key, peer);
  if (!answer) return std::nullopt;
  if (answer->is_stranger) warn_of_stranger(*answer->server, peer, allowances);
  return script_response(disk_script(*answer, *key, services));
}

}  // namespace

void add_boot_script_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  constexpr std::pair<const char*, KeyOf> routes[] = {
      {"/boot/{mac}.ipxe", by_mac}, {"/boot/uuid/{uuid}.ipxe", by_uuid}, {"/boot/serial/{serial*}", by_serial}};
  for (const auto& [path, key_of] : routes) {
    gate.add_open(
        "GET", path,
        [services, key_of = key_of, allowances = options.allowances](const http::Request& request) {
          return script_at_once(*services, request, key_of, *allowances);
        },
        [services, key_of = key_of, options](const http::Request& request) {
          return script_in_any_case(*services, request, key_of, options);
        });
  }
  // "/boot/.ipxe" comes from firmware that could not fill in its address.
  const auto of_nobody = [](const http::Request&) {
    return script_response(ipxe::disk_script_for_unknown("the request names no server: disk"));
  };
  for (const auto* const path : {"/boot/{anything}", "/boot/uuid/{anything}"}) {
    gate.add_open("GET", path, of_nobody, http::RunOn::io_thread);
  }
  gate.answer_whatever_is_below("/boot/", http::EncodedSlash::refused, of_nobody);
  gate.answer_whatever_is_below("/boot/serial/", http::EncodedSlash::as_plain, of_nobody);
}

}  // namespace rescue::netboot::api
