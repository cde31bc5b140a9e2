// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Servers as JSON: how they are shown, and how bodies that make or change them are read.

#include "core/http/message.hpp"
#include "netboot/api/representation.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::api {

/// The server that the request's path names. Throws `usage` for what can be no name.
[[nodiscard]] inline ServerName named(const http::Request& request) {
  return ServerName::parse(request.parameters.at("name"));
}

[[nodiscard]] nlohmann::json server_json(const ServerState& state);

struct NewServer {
  Server server;
  std::optional<NewBmc> bmc;
};

/// What a request wants changed; what it does not name stays. A member that is null goes back to its default.
struct ServerPatch {
  std::optional<std::vector<MacAddress>> macs;
  std::optional<Firmware> firmware;
  std::optional<std::string> address, loader, uuid, serial, notes;
  std::optional<std::vector<std::string>> tags;

  /// Throws `usage` when the parts don't go together.
  void apply_to(Server& server) const;
};

/// Throws `usage` with "request body:line: field: problem".
[[nodiscard]] NewServer server_from(const std::string& body, WallTime created);
/// The members that make a server and change it alike, of a larger body; throws as `Field` does.
[[nodiscard]] ServerPatch read_members(const Field& root);
/// An RFC 7396 merge patch. Throws `usage`.
[[nodiscard]] ServerPatch server_patch_from(const std::string& body);

}  // namespace rescue::netboot::api
