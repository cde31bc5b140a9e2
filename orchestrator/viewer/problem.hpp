// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why a helper is not connected: for each reason the field to correct, a message and a hint.

#include "core/words.hpp"

#include <stdexcept>
#include <string>

namespace rescue::viewer {

enum class Reason {
  malformed_ticket,
  malformed_address,
  malformed_port,
  malformed_invitation,
  unreachable,
  port_closed,
  not_a_rescue_host,
  certificate_mismatch,
  unknown_ticket,
  locked,
  busy,
  declined,
  no_answer,
  session_over,
  connection_lost,
  cancelled,
};
constexpr auto words_of(Reason) {
  return words<Reason>("malformed-ticket", "malformed-address", "malformed-port", "malformed-invitation", "unreachable",
                       "port-closed", "not-a-rescue-host", "certificate-mismatch", "unknown-ticket", "locked", "busy",
                       "declined", "no-answer", "session-over", "connection-lost", "cancelled");
}

/// Field of the form that a reason is about.
enum class FormField { none, ticket, address, port };

class Problem : public std::runtime_error {
public:
  Problem(Reason reason, FormField field, const std::string& message, std::string hint)
      : std::runtime_error(message), reason_(reason), field_(field), hint_(std::move(hint)) {}

  [[nodiscard]] Reason reason() const noexcept { return reason_; }
  [[nodiscard]] FormField field() const noexcept { return field_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

private:
  Reason reason_;
  FormField field_;
  std::string hint_;
};

using rescue::name_of;

}  // namespace rescue::viewer
