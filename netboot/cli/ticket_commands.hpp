// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for a helpdesk's ticket.

#include "core/clock.hpp"
#include "core/http/client.hpp"
#include "netboot/cli/task_follower.hpp"

#include <cstdio>
#include <string>

namespace rescue::netboot::cli {

struct TicketOptions {
  std::string server;
  bool view = false;
  bool no_message = false;      ///< the customer is not asked
  unsigned port = 0;            ///< 0: the host chooses
  std::string secret_key_file;  ///< opens the sealed number; empty: it is not shown
  bool wait = false;
};

/// Each command returns its output.
class TicketCommands {
public:
  /// `err` is for progress.
  TicketCommands(http::Client& client, bool as_json, std::FILE* out, std::FILE* err, Clock& clock)
      : client_(client), json_(as_json), tasks_(client, as_json, out, err, clock) {}

  /// With `wait` or a key: waits until the ticket is open, and shows it.
  [[nodiscard]] std::string open(const TicketOptions& options);
  /// With a key also the number, and the command line of the viewer. May be repeated while the ticket is open. Throws
  /// `not_found` with a key if there is no number to open.
  [[nodiscard]] std::string show(const TicketOptions& options);
  [[nodiscard]] std::string end(const TicketOptions& options);

private:
  /// `key`: the secret key, or none.
  [[nodiscard]] std::string shown_ticket(const std::string& server, const Secret* key);

  http::Client& client_;
  bool json_;
  TaskFollower tasks_;
};

}  // namespace rescue::netboot::cli
