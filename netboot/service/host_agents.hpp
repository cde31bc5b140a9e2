// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The agents of rescue systems: their way in, what they report, and the end of it.

#include "netboot/boot/boot_book.hpp"
#include "netboot/domain/mac_address.hpp"
#include "netboot/service/service_options.hpp"
#include "netboot/service/sessions.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot {

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class HostAgents {
public:
  struct Parts {
    Sessions& sessions;
    BootBook& book;
  };
  /// The objects in `parts` outlive this.
  HostAgents(const Parts& parts, ServiceOptions options) : parts_(parts), options_(std::move(options)) {}

  /// The second initrd of a rescue boot, with a boot token, for the server with this card; `peer` is who asks. Throws
  /// `not_found` when this netbootd does not speak with host agents, and what Sessions::mint throws.
  [[nodiscard]] std::string second_initrd(const MacAddress& mac, const std::string& peer);
  /// Throws as `second_initrd` does, and makes no token.
  void check_second_initrd(const MacAddress& mac, const std::string& peer);

  /// As Sessions has them, and whoever carries out tasks is woken.
  void check_boot_token(std::string_view boot_token, const std::string& peer);
  [[nodiscard]] Redeemed redeem(std::string_view boot_token, const std::string& agent_hash);
  [[nodiscard]] Heard report(const std::string& session, const Report& report);
  void keep_credentials(const std::string& session, const SealedCredentials& credentials);
  /// The lease stays: who revokes after a theft may want the server to boot into its rescue again.
  void revoke_all(const ServerName& server, const std::string& by);

private:
  void require_known_here(const MacAddress& mac, const std::string& peer);
  void wake() const {
    if (options_.wake) options_.wake();
  }

  const Parts parts_;
  const ServiceOptions options_;
};

}  // namespace rescue::netboot
