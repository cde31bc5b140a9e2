// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hands mails to a mail server over SMTP, by libcurl: encrypted unless the configuration says otherwise.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <stop_token>
#include <string>

namespace rescue::mail {

enum class SmtpTls {
  starttls,  ///< required: a server without it gets nothing
  smtps,     ///< TLS from the first byte (RFC 8314)
  none       ///< in clear
};
constexpr auto words_of(SmtpTls) { return words<SmtpTls>("starttls", "smtps", "none"); }

struct SmtpOptions {
  std::string host{};
  std::uint16_t port = 587;
  SmtpTls tls = SmtpTls::starttls;
  std::string ca_file{};        ///< empty: the system's
  std::string user{};           ///< empty: no AUTH
  std::string password_file{};  ///< read for each mail; see `read_secret_file`
  std::string hello{};          ///< our name for EHLO; empty: the host's
  Milliseconds connect_limit{10'000};
  Milliseconds time_limit{60'000};  ///< of one mail in total
};

struct Envelope {
  std::string from;  ///< return path, where bounces go
  std::string to;
};

enum class SmtpOutcome {
  accepted,
  temporary,  ///< retry: 4xx, no connection, no TLS, untrusted certificate, refused login
  permanent   ///< 5xx to this sender, recipient or content
};

struct SmtpResult {
  SmtpOutcome outcome = SmtpOutcome::temporary;
  std::string text{};  ///< the server's last reply or the fault, one printable line
};

/// Thread-safe: one connection per mail.
class SmtpClient {
public:
  explicit SmtpClient(SmtpOptions options) : options_(std::move(options)) {}

  /// Sends one mail to one recipient; blocks for the time limit at most. Not idempotent: a connection that is lost
  /// between the end of the mail and its reply is `temporary`, though the server may have it. The text of a result
  /// names neither user nor password. Throws `usage` for a malformed address, `cancelled` on `stop`, and what
  /// `read_secret_file` throws.
  [[nodiscard]] SmtpResult send(const Envelope& envelope, const Secret& message,
                                const std::stop_token& stop = {}) const;

private:
  SmtpOptions options_;
};

}  // namespace rescue::mail
