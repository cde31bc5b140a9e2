// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A minimal DHCP client (RFC 2131): a test needs each option, and the time of each renewal.

#include "core/handle.hpp"

#include <map>
#include <optional>
#include <string>

namespace rescue::linux::lab {

struct DhcpAnswer {
  std::string address;
  int type = 0;                        ///< 2 offer, 5 acknowledgement, 6 refusal
  std::string boot_file;               ///< from the fixed header
  std::map<int, std::string> options;  ///< raw bytes by number

  [[nodiscard]] std::string address_in(int option) const;  ///< the first address of an option, as text
  [[nodiscard]] std::string server() const { return address_in(54); }
};

class DhcpClient {
public:
  /// A client on `link` of the namespace.
  DhcpClient(const std::string& space, const std::string& link, std::string mac);
  /// Sends discover and request. Returns none without an answer within two seconds.
  [[nodiscard]] std::optional<DhcpAnswer> lease();
  /// Sends a unicast request to the server, from the address that the link must have by now.
  [[nodiscard]] std::optional<DhcpAnswer> renew(const DhcpAnswer& held);

private:
  [[nodiscard]] std::string message(char type, const std::string& options, const std::string& own_address) const;
  void send(const std::string& message, const std::string& to);
  [[nodiscard]] std::optional<DhcpAnswer> receive(int type);

  std::string mac_;
  FileDescriptor socket_;
};

}  // namespace rescue::linux::lab
