// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Error type of all programs: a stable code for scripts, a message for people, a hint with the remedy.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rescue {

/// Codes are stable across versions: JSON, HTTP problem bodies and tests use their names (see `name_of`).
enum class ErrorCode {
  usage,
  config_invalid,
  precondition,
  not_found,
  conflict,
  timeout,
  unavailable,
  denied,
  bmc_denied,
  token_expired,
  token_revoked,
  too_many_requests,
  io,
  subprocess,
  image_untrusted,
  disk,
  hypervisor,
  network,
  guest_agent,
  access_unproven,
  interrupted,
  cancelled,
  rollback_incomplete,
  internal,
};

/// Name of a code: `config_invalid` -> "config-invalid".
[[nodiscard]] std::string_view name_of(ErrorCode code) noexcept;

/// Inverse of `name_of`; an unknown name is `internal`, so that a newer peer does not break an older client.
[[nodiscard]] ErrorCode error_code_of(std::string_view name) noexcept;

/// Exit codes of the CLIs: 1 failed and undone, 2 usage, 3 precondition, 4 timeout, 5 an operator is needed.
[[nodiscard]] int exit_code_of(ErrorCode code) noexcept;

class Error : public std::runtime_error {
public:
  /// `message` says what is wrong and with what; `hint` says what the reader can do about it (may be empty).
  Error(ErrorCode code, const std::string& message, std::string hint = {})
      : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
  ErrorCode code_;
  std::string hint_;
};

/// Exception with everything nested in it (std::throw_with_nested), as values.
struct ErrorReport {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;                 ///< the first one found, outermost first
  std::vector<std::string> causes;  ///< nested messages, outermost first

  /// Formats as one line: "message: cause: cause".
  [[nodiscard]] std::string one_line() const;
};

[[nodiscard]] ErrorReport report_of(const std::exception& error);

/// Error of a failed system call: "<what>: <strerror>".
[[nodiscard]] Error system_error(const std::string& what, int error_number, std::string hint = {});

}  // namespace rescue
