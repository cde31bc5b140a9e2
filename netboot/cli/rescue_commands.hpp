// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for rescues, tasks, power and keys.

#include "core/clock.hpp"
#include "core/http/client.hpp"

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
  std::vector<std::string> ssh_key_files;
  bool wait = false;
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
      : client_(client), json_(as_json), out_(out), err_(err), clock_(clock) {}

  [[nodiscard]] std::string start(const NewRescue& rescue);
  [[nodiscard]] std::string show(const std::string& server);
  [[nodiscard]] std::string finish(const RescueEnd& end);
  /// Collects the credentials, which is possible only once. Checks first that it can open and store them.
  [[nodiscard]] std::string credentials(const CredentialsOrder& order);
  [[nodiscard]] std::string task_show(const std::string& id, bool wait);
  [[nodiscard]] std::string task_list(const TaskFilter& filter);
  [[nodiscard]] std::string task_cancel(const std::string& id);
  [[nodiscard]] std::string power_show(const std::string& server);
  [[nodiscard]] std::string power_set(const PowerChange& change);

private:
  /// Throws `usage` if the credentials are sealed to another key.
  void require_matching_key(const CredentialsOrder& order, const Secret& key);
  /// Returns the task, with `wait` at its end. Throws the task's error if it failed.
  [[nodiscard]] std::string followed(std::string answer, bool wait);

  http::Client& client_;
  bool json_;
  std::FILE* out_;
  std::FILE* err_;
  Clock& clock_;
};

/// Writes a new secret key to `file`, mode 0600, and its public key to `file`.pub. Throws `conflict` if one of them
/// exists. Needs no netbootd.
[[nodiscard]] std::string make_key_pair(const std::string& file, bool as_json);

}  // namespace rescue::netboot::cli
