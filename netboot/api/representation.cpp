// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/representation.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t most_macs = 16;
constexpr std::size_t longest_reason = 200;

/// What a domain type says about its text, at the place in the body where the text stands.
template <class Parse>
auto parsed(const Field& field, Parse parse) {
  try {
    return parse(field.text());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    field.fail(error.what(), error.hint());
  }
}

std::vector<MacAddress> macs_from(const Field& field) {
  const auto items = field.items();
  if (items.empty() || items.size() > most_macs) field.fail(fmt::format("must hold 1 to {} MAC addresses", most_macs));
  std::vector<MacAddress> macs;
  for (const auto& item : items) {
    auto mac = parsed(item, MacAddress::parse);
    if (std::find(macs.begin(), macs.end(), mac) != macs.end()) item.fail(mac.text() + " is given twice");
    macs.push_back(std::move(mac));
  }
  return macs;
}

std::string reason_from(const Field& field) {
  auto reason = field.string();
  if (reason.size() > longest_reason) field.fail(fmt::format("must have {} bytes at most", longest_reason));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
  if (std::any_of(reason.begin(), reason.end(), is_control)) field.fail("must be one line without control characters");
  return reason;
}

nlohmann::json or_null(const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); }

/// What is wrong in a body is the caller's mistake, not one of our configuration: `usage`, so that clients can tell.
template <class Read>
auto read_body(const std::string& body, Read read) {
  try {
    const auto document = Document::from_json("request body", body);
    return read(document.root());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::usage, error.what(), error.hint());
  }
}

Server read_server(const Field& root, WallTime created) {
  root.only({"name", "macs", "firmware", "address", "loader"});
  Server server{
      parsed(root.at("name"), ServerName::parse), macs_from(root.at("macs")), Firmware::uefi, {}, {}, created};
  if (const auto firmware = root.find("firmware")) {
    server.firmware = firmware->choice({"bios", "uefi"}) == 0 ? Firmware::bios : Firmware::uefi;
  }
  if (const auto address = root.find("address")) server.address = parsed(*address, canonical_address);
  if (const auto loader = root.find("loader")) {
    if (server.firmware == Firmware::bios) loader->fail("is for servers with UEFI only");
    server.loader = parsed(*loader, canonical_loader);
  }
  return server;
}

BootModeChange read_change(const Field& root, Milliseconds longest_ttl) {
  root.only({"mode", "policy", "ttl", "reason"});
  BootModeChange change;
  change.mode = root.at("mode").choice({"disk", "rescue-windows"}) == 0 ? BootMode::disk : BootMode::rescue_windows;
  for (const auto* const key : {"policy", "ttl"}) {
    const auto field = root.find(key);
    if (field && change.mode == BootMode::disk) field->fail("is for rescue modes only: the disk needs no lease");
  }
  if (const auto policy = root.find("policy")) {
    change.policy = policy->choice({"until-finished", "once"}) == 0 ? LeasePolicy::until_finished : LeasePolicy::once;
  }
  if (const auto ttl = root.find("ttl")) {
    change.time_to_live = ttl->duration();
    if (change.time_to_live->count() == 0) ttl->fail("must be longer than nothing", "Write it as 4h.");
    if (*change.time_to_live > longest_ttl) {
      const auto longest = std::chrono::duration_cast<std::chrono::minutes>(longest_ttl).count();
      ttl->fail(fmt::format("is longer than the {} minutes that lease.longest_ttl allows", longest));
    }
  }
  if (const auto reason = root.find("reason")) change.reason = reason_from(*reason);
  return change;
}

}  // namespace

nlohmann::json server_json(const ServerState& state) {
  const auto& server = state.server;
  auto macs = nlohmann::json::array();
  for (const auto& mac : server.macs) macs.push_back(mac.text());
  return {{"name", server.name.text()},           {"macs", macs},
          {"firmware", name_of(server.firmware)}, {"address", or_null(server.address)},
          {"loader", or_null(server.loader)},     {"boot_mode", name_of(state.mode)},
          {"created_at", rfc3339(server.created)}};
}

nlohmann::json boot_mode_json(const ServerState& state, const LeaseLimits& limits, WallTime now) {
  nlohmann::json lease;
  if (state.lease) {
    const auto& held = *state.lease;
    const auto allowed = held.policy == LeasePolicy::once ? 1U : limits.boots;
    lease = {{"mode", name_of(held.mode)},
             {"state", name_of(state_of(held, limits, now))},
             {"policy", name_of(held.policy)},
             {"requested_by", held.requested_by},
             {"reason", or_null(held.reason)},
             {"granted_at", rfc3339(held.granted)},
             {"expires_at", rfc3339(held.expires)},
             {"boots", held.boots},
             {"boots_left", allowed > held.boots ? allowed - held.boots : 0U},
             {"last_boot_at", held.last_boot ? nlohmann::json(rfc3339(*held.last_boot)) : nlohmann::json()}};
  }
  return {{"server", state.server.name.text()}, {"mode", name_of(state.mode)}, {"lease", lease}};
}

Server server_from(const std::string& body, WallTime created) {
  return read_body(body, [created](const Field& root) { return read_server(root, created); });
}

BootModeChange boot_mode_change_from(const std::string& body, Milliseconds longest_ttl) {
  return read_body(body, [longest_ttl](const Field& root) { return read_change(root, longest_ttl); });
}

}  // namespace rescue::netboot::api
