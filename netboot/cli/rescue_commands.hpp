// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for rescues, tasks, power and keys.

#include "core/clock.hpp"
#include "core/http/client.hpp"
#include "netboot/cli/task_follower.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace rescue::netboot::cli {

struct NewRescue {
  std::string server;
  std::string public_key_file;
  std::string new_key_file;  ///< creates a pair: file for the secret key
  std::string policy, ttl, reason, on_shutdown, disk_mode, then, image, power;  ///< empty: the API's default
  std::string notify, language, keyboard;
  std::string link;  ///< "yes", "no"; empty: the API's default
  std::string code;  ///< policy for the link's code; empty: the API's default
  std::vector<std::string> ssh_key_files;
  bool keys_only = false;
  bool wait = false;
};

struct RescueExtension {
  std::string server;
  std::string ttl, until;  ///< one of them
};

struct RescueEnd {
  std::string server;
  std::string then;
  std::string changes;
  bool force = false;
  bool wait = false;
};

struct CredentialsOrder {
  std::string server;
  std::string secret_key_file;
  std::string output;  ///< empty: the terminal
};

struct CodeOrder {
  std::string server;
  std::string secret_key_file;
  std::string output;  ///< empty: standard output
};

struct PowerChange {
  std::string server;
  std::string action;
  std::string boot_device;
  bool force = false;
  bool wait = false;
};

struct TaskFilter {
  std::string server, kind, state;  ///< empty: any
  unsigned limit = 0;               ///< 0: the API's default
};

/// Each command returns its output; `err` is for progress.
class RescueCommands {
public:
  RescueCommands(http::Client& client, bool as_json, std::FILE* out, std::FILE* err, Clock& clock)
      : client_(client), json_(as_json), out_(out), tasks_(client, as_json, out, err, clock) {}

  [[nodiscard]] std::string start(const NewRescue& rescue);
  [[nodiscard]] std::string show(const std::string& server);
  /// Moves the end of the session's lease.
  [[nodiscard]] std::string extend(const RescueExtension& extension);
  [[nodiscard]] std::string finish(const RescueEnd& end);
  /// Collects the credentials, which is possible only once. Checks first that it can open and store them.
  [[nodiscard]] std::string credentials(const CredentialsOrder& order);
  /// Prints the one-time link of a rescue and its code, each on a line, as `secret open` reads them. May be repeated
  /// until the secret is revealed.
  [[nodiscard]] std::string code(const CodeOrder& order);
  /// Has new credentials set, proven and delivered; revokes the one-time link of the old ones.
  [[nodiscard]] std::string reissue(const std::string& server, bool wait);
  [[nodiscard]] std::string task_show(const std::string& id, bool wait);
  [[nodiscard]] std::string task_list(const TaskFilter& filter);
  [[nodiscard]] std::string task_cancel(const std::string& id);
  [[nodiscard]] std::string power_show(const std::string& server);
  [[nodiscard]] std::string power_set(const PowerChange& change);

private:
  /// The latest secret of the server that waits and has a sealed code. Throws `not_found`.
  [[nodiscard]] nlohmann::json waiting_code(const std::string& server);

  http::Client& client_;
  bool json_;
  std::FILE* out_;
  TaskFollower tasks_;
};

/// Writes a new secret key to `file`, mode 0600, and its public key to `file`.pub. Throws `conflict` if one of them
/// exists. Needs no netbootd.
[[nodiscard]] std::string make_key_pair(const std::string& file, bool as_json);

}  // namespace rescue::netboot::cli
