// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands: each calls the API and formats the answer.

#include "core/http/client.hpp"

#include <string>
#include <vector>

namespace rescue::netboot::cli {

struct NewBmc {
  std::string kind;  ///< empty: redfish with a URL, else the API's default
  std::string url;
  std::string fingerprint;
  std::string ca_file;
  std::string system;
  std::string address;
  unsigned port = 0;  ///< 0: the API's default
  std::string user;
  std::string password_file;
  unsigned cipher_suite = 0;  ///< 0: the API's default
};

struct NewServer {
  std::string name;
  std::vector<std::string> macs;
  std::string firmware;  ///< empty: the API's default
  std::string address;
  std::string loader;
  std::string uuid;
  std::string serial;
  std::vector<std::string> tags;
  std::string notes;
  NewBmc bmc;
  std::vector<std::string> cleared;  ///< members that an edit clears
  bool force = false;                ///< also in a session, or while a task uses its BMC
};

struct ServerFilter {
  std::string text;
  std::string tag;
  std::string mode;
  unsigned limit = 0;  ///< 0: all
};

struct ServerFile {
  std::string path;  ///< .json, .yaml, .yml or .csv
  bool update = false;
  bool dry_run = false;
};

struct NewBootMode {
  std::string server;
  std::string mode;
  std::string policy;  ///< empty: the API's default
  std::string ttl;     ///< empty: the API's default
  std::string reason;
  bool force = false;
};

/// Each command returns its output: the API's JSON, or a table for people.
class Commands {
public:
  Commands(http::Client& client, bool as_json) : client_(client), json_(as_json) {}

  [[nodiscard]] std::string server_add(const NewServer& server);
  /// Changes only what is given.
  [[nodiscard]] std::string server_edit(const NewServer& server);
  /// Lists all pages.
  [[nodiscard]] std::string server_list(const ServerFilter& filter);
  /// Imports all servers of a file, or none. Throws with one error per line.
  [[nodiscard]] std::string server_import(const ServerFile& file);
  [[nodiscard]] std::string server_show(const std::string& name);
  /// Sets the BMC. Reads the password from a file that nobody else may read.
  [[nodiscard]] std::string server_bmc(const NewServer& server);
  [[nodiscard]] std::string server_bmc_check(const std::string& name);
  [[nodiscard]] std::string boot_device_set(const std::string& name, const std::string& device, bool lasting);
  [[nodiscard]] std::string server_remove(const std::string& name, bool force);
  /// Creates a token and writes it only to a file of mode 0600.
  [[nodiscard]] std::string server_agent_token(const std::string& name, const std::string& output);
  [[nodiscard]] std::string server_revoke_agent(const std::string& name);
  [[nodiscard]] std::string boot_modes();
  [[nodiscard]] std::string boot_mode_show(const std::string& name);
  [[nodiscard]] std::string boot_mode_set(const NewBootMode& change);

private:
  http::Client& client_;
  bool json_;
};

}  // namespace rescue::netboot::cli
