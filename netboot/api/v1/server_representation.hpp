// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Servers as JSON: writes them, and reads bodies that create or change them.

#include "core/http/message.hpp"
#include "netboot/api/v1/representation.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::api {

/// The server in the request's path. Throws `usage` for an invalid name.
[[nodiscard]] inline ServerName named(const http::Request& request) {
  return ServerName::parse(request.parameters.at("name"));
}

[[nodiscard]] nlohmann::json server_json(const ServerState& state);

struct NewServer {
  Server server;
  std::optional<NewBmc> bmc;
};

/// The changes in a request; omitted members stay. A null member gets its default.
struct ServerPatch {
  std::optional<std::vector<MacAddress>> macs;
  std::optional<Firmware> firmware;
  std::optional<std::string> address, loader, uuid, serial, notes;
  std::optional<std::vector<std::string>> tags;

  /// Throws `usage` if members contradict each other.
  void apply_to(Server& server) const;
};

/// Throws `usage` with "request body:line: field: problem".
[[nodiscard]] NewServer server_from(const std::string& body, WallTime created);
/// Reads the members that both create and change a server, from a larger body; throws as `Field` does.
[[nodiscard]] ServerPatch read_members(const Field& root);
/// An RFC 7396 merge patch. Throws `usage`.
[[nodiscard]] ServerPatch server_patch_from(const std::string& body);

}  // namespace rescue::netboot::api
