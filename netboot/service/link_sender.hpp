// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Role of whoever sends one-time links to customers.

#include "contract/link.hpp"
#include "core/clock.hpp"
#include "core/secret.hpp"
#include "credentials/connection_files.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

struct LinkToSend {
  long long secret = 0;  ///< "o-7" in the API
  ServerName server;
  std::string session{};          ///< "s-..."
  std::string notify_address{};   ///< empty: no mail
  std::string notify_language{};  ///< "de", "pt-BR"
  Secret link{};                  ///< URL with the key: never to be logged
  WallTime link_expires{};
  std::optional<WallTime> ends{};  ///< of the session's lease
  contract::CodePolicy code_policy = contract::CodePolicy::panel;
  std::optional<Secret> code{};                 ///< for CodePolicy::webhook only
  credentials::ConnectionDetails connection{};  ///< may be without addresses and host keys
};

class LinkSender {
public:
  virtual ~LinkSender() = default;
  /// Queues the link for its receivers. Idempotent for the same link. Blocks for the database, and for no receiver.
  /// Throws `unavailable` when the database fails, `precondition` if no receiver may get what must be sent.
  virtual void send(const LinkToSend& link) = 0;
};

}  // namespace rescue::netboot
