// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/mail/message.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace rescue::mail {
namespace {

constexpr std::size_t longest_address = 254;  // RFC 5321, 4.5.3.1.3 without the brackets
constexpr std::size_t longest_value = 900;    // of a header, before it is encoded
constexpr std::size_t longest_line = 76;      // of quoted-printable
/// Can't occur in quoted-printable, where '=' is followed by a hexadecimal digit or the line's end.
constexpr std::string_view boundary = "=_rescue_alternative";

bool is_plain(char c) noexcept { return c >= ' ' && c <= '~'; }

bool is_address_character(char c) noexcept {
  constexpr std::string_view refused = "\"(),:;<>[\\]@";
  return c > ' ' && c <= '~' && refused.find(c) == std::string_view::npos;
}

/// Encodes as one or more encoded words of at most 75 characters, each of whole characters (RFC 2047, 5).
std::string encoded_words(std::string_view value) {
  constexpr std::size_t most_bytes = 42;  // base64 of them, with "=?utf-8?B?" and "?=", has 68 characters
  std::string words;
  while (!value.empty()) {
    auto size = std::min(most_bytes, value.size());
    if (size < value.size()) size = std::max<std::size_t>(1, utf8_prefix(value.substr(0, size)));
    words += fmt::format("{}=?utf-8?B?{}?=", words.empty() ? "" : "\r\n ", base64_of(value.substr(0, size)));
    value.remove_prefix(size);
  }
  return words;
}

void require_address(const std::string& address) {
  if (is_mail_address(address)) return;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a mail address", printable(address, longest_address)),
              "Write it as name@example.com.");
}

std::string mailbox_text(const Mailbox& mailbox) {
  require_address(mailbox.address);
  auto name = printable(mailbox.name, longest_value);
  if (name.empty()) return mailbox.address;
  const bool is_ascii = std::all_of(name.begin(), name.end(), is_plain) && name.find("=?") == std::string::npos;
  if (!is_ascii || name.size() > longest_line / 2)
    return encoded_words(name) + fmt::format("\r\n <{}>", mailbox.address);
  std::string quoted;
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\" <{}>", quoted, mailbox.address);
}

/// Appends one part. `text` is copied into memory that the caller wipes.
void append_part(std::string& mail, std::string_view type, const Secret& text) {
  auto body = quoted_printable(text.reveal());
  mail +=
      fmt::format("--{}\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                  boundary, type);
  mail += body;
  wipe(body);
}

}  // namespace

bool is_mail_address(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() || text.size() > longest_address) return false;
  const auto local = text.substr(0, at);
  const auto domain = text.substr(at + 1);
  return std::all_of(local.begin(), local.end(), is_address_character) &&
         std::all_of(domain.begin(), domain.end(), is_address_character);
}

Mailbox parse_mailbox(const std::string& text) {
  Mailbox mailbox;
  const auto open = text.rfind('<');
  if (open == std::string::npos) {
    mailbox.address = trimmed(text);
  } else if (text.ends_with('>')) {
    mailbox.address = text.substr(open + 1, text.size() - open - 2);
    mailbox.name = trimmed(text.substr(0, open), " \t\"");
  }
  require_address(mailbox.address);
  return mailbox;
}

std::string encoded_header_text(std::string_view value) {
  const auto line = printable(value, longest_value);
  const bool is_ascii = std::all_of(line.begin(), line.end(), is_plain);
  const bool looks_encoded = line.find("=?") != std::string::npos;
  if (is_ascii && !looks_encoded && line.size() <= longest_line) return line;
  return encoded_words(line);
}

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(3 * text.size() + text.size() / 16 + 64);  // never grows: a copy left behind would not be wiped
  std::size_t column = 0;
  const auto put = [&](std::string_view piece) {
    if (column + piece.size() >= longest_line) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool is_blank = c == ' ' || c == '\t';
    if ((is_plain(c) && c != '=' && !(is_blank && ends_line)) || (c == '\t' && !ends_line)) {
      put({&c, 1});
    } else {
      const auto byte = static_cast<unsigned char>(c);
      const std::array<char, 3> code{'=', digits[byte >> 4U], digits[byte & 15U]};
      put({code.data(), code.size()});
    }
  }
  if (column > 0) out += "\r\n";
  return out;
}

std::string mail_date(WallTime time) {
  // Not strftime: its names of days and months follow the locale.
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr int first_year = 1900;
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days.at(static_cast<std::size_t>(parts.tm_wday)),
                     parts.tm_mday, months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + first_year,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

Secret mime_of(const Message& message) {
  auto head = fmt::format("From: {}\r\nTo: {}\r\n", mailbox_text(message.from), mailbox_text(message.to));
  if (!message.reply_to.empty()) head += fmt::format("Reply-To: {}\r\n", mailbox_text({{}, message.reply_to}));
  require_address(message.message_id);
  head += fmt::format("Subject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\n", encoded_header_text(message.subject),
                      mail_date(message.date), message.message_id);
  head += fmt::format("MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\nContent-Type: multipart/alternative;"
                      " boundary=\"{}\"\r\n\r\n",
                      boundary);
  std::string mail;
  constexpr std::size_t heads = 1024;                                                   // of the parts
  mail.reserve(head.size() + heads + 4 * (message.text.size() + message.html.size()));  // never grows, as above
  mail += head;
  append_part(mail, "plain", message.text);
  append_part(mail, "html", message.html);
  mail += fmt::format("--{}--\r\n", boundary);
  Secret whole{std::string_view(mail)};
  wipe(mail);
  return whole;
}

}  // namespace rescue::mail
