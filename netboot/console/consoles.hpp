// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Consoles in browsers, as far as the database knows: passes, who watches, and what ends it (docs/console.md).

#include "core/error.hpp"
#include "core/secret.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/domain/console.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::netboot {

/// A pass or a token that was valid once.
class ConsoleGone : public Error {
public:
  using Error::Error;
};

/// A console that a browser may show now.
struct OpenedConsole {
  ConsoleViewer viewer;
  Secret resume;                       ///< shown once, to this browser
  std::vector<ConsoleViewer> viewers;  ///< all that are connected, with this one
  std::string keyboard{};              ///< that was requested for the guest; empty: none
  std::optional<WallTime> session_ends{};
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Consoles {
public:
  /// `store` outlives this.
  explicit Consoles(Store& store) : store_(store) {}

  struct NewPass {
    ConsolePass pass;
    Secret secret;  ///< shown once
  };
  /// Makes a pass for the open session of a server. Throws `not_found` for the server, and `conflict` without a session
  /// or with very many passes of it.
  [[nodiscard]] NewPass make(const ServerName& server, ConsoleRole role, Milliseconds ttl, const std::string& made_by);
  struct Listed {
    std::vector<ConsolePass> passes;     ///< of the open session, latest first, 100 at most
    std::vector<ConsoleViewer> viewers;  ///< connected ones
  };
  /// Throws `not_found` for the server.
  [[nodiscard]] Listed of_server(const ServerName& server);
  /// Throws `not_found`.
  [[nodiscard]] ConsolePass find(long long id);
  /// Revokes a pass and ends the console that was opened with it. No-op for one that was revoked before. Throws
  /// `not_found`.
  void revoke(long long id, const std::string& by);

  /// Opens a console once, at the netbootd with this relay URL. Throws `not_found` for an unknown pass, ConsoleGone
  /// for one that is used, expired or revoked or whose session has ended, and `conflict` if there are many viewers.
  [[nodiscard]] OpenedConsole open(std::string_view pass, const Acting& visitor, const std::string& relay_url);
  /// Resumes a console after its connection broke. The token is valid until the next one is used. Throws as `open`
  /// does.
  [[nodiscard]] OpenedConsole resume(std::string_view token, const Acting& visitor, const std::string& relay_url);

  /// State of a server's open session.
  struct Scene {
    std::string session{};  ///< empty: none is open
    std::vector<ConsoleViewer> viewers{};
    std::optional<WallTime> session_ends{};
  };
  [[nodiscard]] Scene scene(const ServerName& server);
  /// None: it has been removed.
  [[nodiscard]] std::optional<ConsoleViewer> viewer(long long id);

  /// A connection of a console, by the number of its viewer.
  using Connection = std::pair<long long, int>;
  /// Confirms connections that are open.
  void touch(const std::vector<Connection>& connections);
  /// Notes that a connection broke; it may be resumed. No-op for an earlier one.
  void broken(const Connection& connection);
  /// Ends a console for good, and audits it. No-op for an earlier connection.
  void end(const Connection& connection, ConsoleEnd reason);
  /// Ends the consoles, of all netbootds, whose connection broke longer than `window` ago, or whose netbootd is long
  /// gone.
  void end_what_is_broken(Milliseconds window);
  /// Sets the name that all viewers see.
  void label(const Connection& connection, const std::string& text);

private:
  Store& store_;
};

}  // namespace rescue::netboot
