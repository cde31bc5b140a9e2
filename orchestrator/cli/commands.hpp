// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements rescuectl's commands; rescuectl.cpp defines their names and options.

#include "core/http/client.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace rescue::cli {

struct Options {
  std::string socket = "/run/rescue/rescued.sock";
  bool json = false;
  bool wait = false;
  bool watch = false;
  bool xml = false;
  bool spell = false;            ///< read the password out in words, too
  std::string then;              ///< empty: the configured default
  std::string credentials_file;  ///< empty: the terminal
  std::string folder;            ///< for files that hold no secret
};

/// Each returns the exit code, prints its result on stdout and its progress on stderr, and throws Error.
class Commands {
public:
  explicit Commands(Options options);

  int doctor();
  int disks();
  int plan();
  int start();
  int status();
  int credentials_show();
  int credentials_rotate();
  /// Does not need rescued.
  int credentials_spell();
  int credentials_files();
  int logs();
  int finish();
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

  Options options_;
  http::Client client_;
};

}  // namespace rescue::cli
