// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes mails: addresses, headers that no value can add to, a text and an HTML part.

#include "core/clock.hpp"
#include "core/secret.hpp"

#include <string>
#include <string_view>

namespace rescue::mail {

struct Mailbox {
  std::string name{};     ///< display name, UTF-8; may be empty
  std::string address{};  ///< "rescue@example.com"
};

/// True for a local part and a domain of printable ASCII without quotes, blanks, brackets and commas, 254 bytes at
/// most: nothing that could end a command of SMTP or a header.
[[nodiscard]] bool is_mail_address(std::string_view text) noexcept;

/// Parses "rescue@example.com" or "Example Rescue <rescue@example.com>". Throws `usage`.
[[nodiscard]] Mailbox parse_mailbox(const std::string& text);

/// A mail in parts. Text and HTML are UTF-8 with LF at the ends of lines; they may hold a one-time link.
struct Message {
  Mailbox from;
  Mailbox to;
  std::string reply_to{};  ///< an address; empty: none
  std::string subject{};
  WallTime date{};
  std::string message_id{};  ///< without brackets: "d-7.x3k9@example.com"; the same for each attempt
  Secret text{};
  Secret html{};
};

/// Formats a message (RFC 5322) with multipart/alternative (RFC 2046), both parts in quoted-printable, so that no line
/// is longer than 76 characters. Headers are ASCII; other characters are encoded words (RFC 2047). Line breaks and
/// control characters in a value become blanks or escapes. `Auto-Submitted: auto-generated` (RFC 3834) keeps programs
/// from answering. Throws `usage` for a malformed address.
[[nodiscard]] Secret mime_of(const Message& message);

/// A value for a header: printable ASCII as it is, anything else as encoded words in base64, folded below 76
/// characters.
[[nodiscard]] std::string encoded_header_text(std::string_view value);

/// Quoted-printable (RFC 2045, 6.7) of text with LF or CRLF; lines end with CRLF.
[[nodiscard]] std::string quoted_printable(std::string_view text);

/// Date for a header, in UTC: "Mon, 30 Nov 2026 06:10:21 +0000".
[[nodiscard]] std::string mail_date(WallTime time);

}  // namespace rescue::mail
