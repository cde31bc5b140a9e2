// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads connection files and arguments as FreeRDP does, without a connection.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

struct RdpSettings {
  std::string host;
  std::uint32_t port = 0;
  std::string user;
  std::string domain;
  std::string password;
  std::string accepted_fingerprints;
  bool denies_other_certificates = false;
  bool clipboard = false;
  bool drives = false;
  bool printers = false;
  bool smart_cards = false;
  bool serial_ports = false;
  bool plays_audio = false;
  bool records_audio = false;
  bool nla = false;
};

struct Invitation {
  std::string ticket;
  std::string address;  ///< the first one
  std::uint32_t port = 0;
  std::uint32_t addresses = 0;  ///< number of all
};

/// False where the tests were built without FreeRDP's client library.
[[nodiscard]] bool has_freerdp();
/// None if FreeRDP refuses the file.
[[nodiscard]] std::optional<RdpSettings> read_rdp_file(const std::string& content);
/// None if FreeRDP refuses the arguments.
[[nodiscard]] std::optional<RdpSettings> read_rdp_arguments(std::vector<std::string> arguments);
/// None if FreeRDP refuses the connection string.
[[nodiscard]] std::optional<Invitation> read_invitation(const std::string& xml);

}  // namespace rescue::tests
