// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A fleet in one request: many servers from JSON, YAML or CSV, all of them or none.

#include "netboot/api/v1/server_representation.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::api {

struct ImportedServer {
  ServerName name;
  ServerPatch members;
  std::optional<NewBmc> bmc;
};

struct ImportError {
  int line = 0;  ///< 0: unknown
  std::string server;
  std::string field;
  std::string detail;
  std::string hint;
};

/// The servers in a body, and its errors.
class Import {
public:
  /// `type` is the request's Content-Type: application/json, application/yaml (or x-yaml, text/yaml), text/csv. Throws
  /// `usage` if the body can't be parsed as that at all.
  static Import read(const std::string& type, const std::string& body);
  /// True if bodies of this type can be read.
  static bool reads(const std::string& type);

  [[nodiscard]] const std::vector<ImportedServer>& servers() const noexcept { return servers_; }
  /// At most 100.
  [[nodiscard]] const std::vector<ImportError>& errors() const noexcept { return errors_; }
  /// An error of the server at `index`.
  [[nodiscard]] ImportError error_of(std::size_t index, std::string field, std::string detail) const;

private:
  explicit Import(const Document& document);
  void read_row(const Field& row);

  std::vector<Field> rows_;  ///< of servers_
  std::vector<ImportedServer> servers_;
  std::vector<ImportError> errors_;
};

}  // namespace rescue::netboot::api
