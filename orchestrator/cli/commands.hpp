// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements rescuectl's commands; rescuectl.cpp defines their names and options.

#include "core/http/client.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rescue::cli {

struct Options {
  std::string socket = "/run/rescue/rescued.sock";
  bool json = false;
  bool wait = false;
  bool watch = false;
  bool xml = false;
  bool spell = false;                      ///< read the password out in words, too
  std::string then;                        ///< empty: the configured default
  std::string credentials_file;            ///< empty: the terminal
  std::vector<std::string> ssh_key_files;  ///< public keys for the guest's administrator
  bool keys_only = false;
  std::string keyboard;
  std::string language;
  std::string folder;            ///< for files that hold no secret
  bool no_message = false;       ///< let a helper in without asking the customer
  bool view = false;             ///< a helper may only watch
  unsigned port = 0;             ///< of a ticket; 0: rescued's choice
  std::string answer;            ///< yes or no
  unsigned timeout_seconds = 0;  ///< 0: none
  std::string disk_mode;         ///< empty: the configured one
  bool keep_changes = false;
  bool discard_changes = false;
  std::vector<std::string> paths{};            ///< of files: [VOLUME:]PATH
  std::string image{};                         ///< of a disk, in place of this host's disks
  bool force = false;                          ///< replace files that exist
  std::string listen{};                        ///< PORT or ADDRESS:PORT for SFTP; empty: the default
  std::vector<std::string> authorized_keys{};  ///< files with public keys for SFTP; none: the customer's of the session
};

class VolumeSource;

/// Each returns the exit code, prints its result on stdout and its progress on stderr, and throws Error.
class Commands {
public:
  explicit Commands(Options options);

  int doctor();
  int disks();
  /// Exits with 3 if a link of the boot chain is broken.
  int why();
  int plan();
  int start();
  int status();
  int credentials_show();
  int credentials_rotate();
  /// Does not need rescued.
  int credentials_spell();
  int credentials_files();
  int ticket_open();
  int ticket_show();
  int ticket_end();
  int ticket_answer();
  /// Blocks until a helper is in or none can come any more.
  int wait_for_connection();
  /// Lists the volumes without a path.
  int files_ls();
  /// Exits with 1 if some of the files could not be read; the others are there.
  int files_get();
  int files_archive();
  /// Serves until it is interrupted, or the files may not be read any more.
  int files_serve();
  int logs();
  int finish();
  /// Reports the last session, or the one that runs.
  int report();
  int restore_boot();
  /// Redraws until interrupted on a terminal; prints once otherwise.
  int console_status();

private:
  [[nodiscard]] nlohmann::json call(const std::string& method, const std::string& path,
                                    const nlohmann::json& body = nullptr);
  [[nodiscard]] nlohmann::json wait_for_change(const nlohmann::json& status);
  /// Throws `precondition` if rescued does not answer, and the error that rescued answers with.
  [[nodiscard]] http::Response ask(const std::string& method, const std::string& path, const std::string& body = {});
  int follow_start(nlohmann::json status);
  /// The status of a session that is serving; throws `conflict` for any other.
  [[nodiscard]] nlohmann::json serving_status();
  void collect_credentials();
  void hand_over(http::Response response);
  void require_somewhere_for_credentials() const;
  /// Shows progress until the session has ended. With `from_now`: until no command runs, without the steps that had
  /// ended before. Returns the exit code.
  int follow(nlohmann::json status, bool from_now);
  void print(const nlohmann::json& json, const std::string& text) const;
  void show_ticket(http::Response response) const;
  void add_ticket_number(nlohmann::json& status);
  [[nodiscard]] VolumeSource volume_source();
  int list_volumes(const VolumeSource& source) const;

  Options options_;
  http::Client client_;
};

}  // namespace rescue::cli
