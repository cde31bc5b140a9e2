// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/mail/message.hpp"
#include "core/utf8.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace rescue::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Message plain_message() {
  Message message;
  message.from = {"Example Rescue", "rescue@example.com"};
  message.to.address = "anna@customer.example";
  message.subject = "Your server is ready";
  message.message_id = "d-7.x3@example.com";
  message.text = Secret(std::string_view("Hello\n"));
  message.html = Secret(std::string_view("<p>Hello</p>\n"));
  return message;
}

std::vector<std::string> header_lines(const Message& message) {
  const auto mail = mime_of(message);
  std::istringstream head(std::string(mail.reveal().substr(0, mail.reveal().find("\r\n\r\n"))));
  std::vector<std::string> lines;
  for (std::string line; std::getline(head, line);) lines.push_back(line.substr(0, line.find('\r')));
  return lines;
}

/// Decodes encoded words as a reader does.
std::string decoded(const std::string& header) {
  std::string text;
  for (auto at = header.find("=?utf-8?B?"); at != std::string::npos; at = header.find("=?utf-8?B?", at + 1)) {
    const auto from = at + 10;
    text += bytes_of_base64(header.substr(from, header.find("?=", from) - from)).value();
  }
  return text;
}

TEST(MailMessage, HasTheHeadersOfAnAutomaticMail) {
  EXPECT_THAT(header_lines(plain_message()),
              ::testing::ElementsAre("From: \"Example Rescue\" <rescue@example.com>", "To: anna@customer.example",
                                     "Subject: Your server is ready", "Date: Thu, 01 Jan 1970 00:00:00 +0000",
                                     "Message-ID: <d-7.x3@example.com>", "MIME-Version: 1.0",
                                     "Auto-Submitted: auto-generated",
                                     "Content-Type: multipart/alternative; boundary=\"=_rescue_alternative\""));
}

TEST(MailMessage, TakesNoHeaderFromAValue) {
  auto message = plain_message();
  const auto count = header_lines(message).size();
  for (const auto* const line_end : {"\r\n", "\n", "\r", "\r\n ", "\v", "\xe2\x80\xa8"}) {
    message.subject = std::string("web-01") + line_end + "Bcc: thief@example.net";
    message.from.name = std::string("Rescue\" <x@y.example>") + line_end + "Bcc: thief@example.net";
    const auto lines = header_lines(message);
    EXPECT_LE(lines.size(), count + 4) << "folded at most";
    for (const auto& line : lines) {
      EXPECT_FALSE(line.starts_with("Bcc")) << line;
    }
  }
  message = plain_message();
  message.to.address = "anna@customer.example\r\nBcc: thief@example.net";
  EXPECT_THROW((void)mime_of(message), Error);
  message = plain_message();
  message.message_id = "d-7>\r\nBcc: thief@example.net";
  EXPECT_THROW((void)mime_of(message), Error);
  message = plain_message();
  message.reply_to = "a@b.example, thief@example.net";
  EXPECT_THROW((void)mime_of(message), Error);
}

TEST(MailMessage, EncodesHeadersByWholeCharacters) {
  EXPECT_EQ(encoded_header_text("Plain (ASCII) text: 100 %"), "Plain (ASCII) text: 100 %");
  std::string longest;
  for (int i = 0; i < 60; ++i) longest += "é€😀x";
  for (const std::string& text :
       {std::string("Rettung für web-01"), longest, std::string(200, 'a'), std::string("=?x?=")}) {
    const auto header = encoded_header_text(text);
    EXPECT_EQ(decoded(header), text);
    std::istringstream folded(header);
    for (std::string line; std::getline(folded, line);) {
      EXPECT_LE(line.size(), 76U) << line;
      const auto from = line.find("B?") + 2;
      EXPECT_TRUE(is_utf8(bytes_of_base64(line.substr(from, line.find("?=", from) - from)).value())) << line;
    }
  }
}

TEST(MailMessage, QuotesWhatServersChange) {
  EXPECT_EQ(quoted_printable("a=b\n"), "a=3Db\r\n");
  EXPECT_EQ(quoted_printable("blank \ntab\t\n"), "blank=20\r\ntab=09\r\n");
  EXPECT_EQ(quoted_printable("\xc3\xa9\r\n"), "=C3=A9\r\n");
  EXPECT_EQ(quoted_printable("no line end"), "no line end\r\n");
  EXPECT_EQ(quoted_printable(std::string("\0\x7f\r", 3)), "=00=7F=0D\r\n");
  std::istringstream lines(quoted_printable(std::string(500, 'x') + std::string(500, '=')));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 77U) << "with its carriage return";
}

TEST(MailMessage, KeepsItsPartsApartWhateverTheyHold) {
  auto message = plain_message();
  message.text = Secret(std::string_view("--=_rescue_alternative--\nmore\n"));
  const auto mail = mime_of(message);
  const std::string text(mail.reveal());
  EXPECT_THAT(text, HasSubstr("--=3D_rescue_alternative--\r\nmore\r\n"));
  EXPECT_EQ(text.find("--=_rescue_alternative--"), text.size() - 26);
}

TEST(MailMessage, ReadsMailboxes) {
  EXPECT_EQ(parse_mailbox("a@b.example").address, "a@b.example");
  const auto named = parse_mailbox("\"Example Rescue\" <rescue@example.com>");
  EXPECT_EQ(named.name, "Example Rescue");
  EXPECT_EQ(named.address, "rescue@example.com");
  for (const auto* const bad : {"", "a", "@b", "a@", "a <b@c", "a@b>", "a@b c", "a@b,c@d", "a\n@b"}) {
    EXPECT_THROW((void)parse_mailbox(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace rescue::mail
