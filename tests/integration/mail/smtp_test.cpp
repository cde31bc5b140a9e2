// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Sends mails to a real mail server with STARTTLS and AUTH.
#include "core/error.hpp"
#include "core/mail/message.hpp"
#include "core/mail/smtp.hpp"
#include "tests/doubles/mail_server.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>

namespace rescue::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tests::MailServer;

class Smtp : public ::testing::Test {
protected:
  void SetUp() override {
    if (const auto why = MailServer::missing(); !why.empty()) GTEST_SKIP() << why;
  }
  void serve(const std::string& tls = "starttls", bool login = true) {
    server_.emplace(folder_.file("mail"), tls, login);
  }
  [[nodiscard]] SmtpOptions options() const {
    SmtpOptions options;
    options.host = "localhost";
    options.port = server_->port();
    options.ca_file = server_->certificate();
    options.user = MailServer::user;
    options.password_file = server_->password_file();
    options.hello = "rescue.example";
    return options;
  }
  [[nodiscard]] static Secret mail() {
    Message message;
    message.from = {"Überall Hosting", "rescue@provider.example"};
    message.to.address = "anna@customer.example";
    message.subject = "Rescue of web-01 is ready – Zugang für Sie";
    message.message_id = "d-7.x3@provider.example";
    message.text = Secret(std::string_view("Grüße\n.\n..dot at the start\nhttps://r.example/s/abc#key=1\n"));
    message.html = Secret(std::string_view("<p>Grüße</p>\n"));
    return mime_of(message);
  }
  static SmtpResult send(const SmtpOptions& options) {
    return SmtpClient(options).send({"bounces+x3@provider.example", "anna@customer.example"}, mail());
  }

  tests::ScratchFolder folder_;
  std::optional<MailServer> server_;
};

TEST_F(Smtp, DeliversBothPartsOverTlsAfterALogin) {
  serve();
  const auto result = send(options());
  EXPECT_EQ(result.outcome, SmtpOutcome::accepted) << result.text;
  EXPECT_EQ(result.text, "250 2.0.0 kept as 1");
  ASSERT_EQ(server_->count(), 1U);
  const nlohmann::json wanted{{"from", "bounces+x3@provider.example"},
                              {"to", {"anna@customer.example"}},
                              {"tls", true},
                              {"user", MailServer::user},
                              {"hello", "rescue.example"}};
  EXPECT_EQ(server_->envelope(1), wanted);
  const auto parsed = server_->parsed(1);
  EXPECT_EQ(parsed["type"], "multipart/alternative");
  EXPECT_EQ(parsed["defects"], nlohmann::json::array());
  EXPECT_EQ(parsed["headers"]["Subject"], "Rescue of web-01 is ready – Zugang für Sie");
  EXPECT_EQ(parsed["headers"]["From"], "Überall Hosting <rescue@provider.example>");
  EXPECT_EQ(parsed["headers"]["Auto-Submitted"], "auto-generated");
  ASSERT_EQ(parsed["parts"].size(), 2U);
  EXPECT_EQ(parsed["parts"][0]["type"], "text/plain");
  EXPECT_EQ(parsed["parts"][0]["text"], "Grüße\n.\n..dot at the start\nhttps://r.example/s/abc#key=1");
  EXPECT_EQ(parsed["parts"][1]["type"], "text/html");
  EXPECT_EQ(parsed["parts"][1]["text"], "<p>Grüße</p>");
}

TEST_F(Smtp, DeliversOverTlsFromTheFirstByte) {
  serve("smtps", false);
  auto wanted = options();
  wanted.tls = SmtpTls::smtps;
  wanted.user.clear();
  EXPECT_EQ(send(wanted).outcome, SmtpOutcome::accepted);
  EXPECT_EQ(server_->envelope(1)["tls"], true);
}

TEST_F(Smtp, SendsInClearOnlyWhereThatIsConfigured) {
  serve("none", false);
  auto wanted = options();
  wanted.user.clear();
  const auto refused = send(wanted);
  EXPECT_EQ(refused.outcome, SmtpOutcome::temporary);
  EXPECT_THAT(refused.text, HasSubstr("offers no STARTTLS: nothing was sent"));
  EXPECT_EQ(server_->log(), "") << "not even an address";
  wanted.tls = SmtpTls::none;
  EXPECT_EQ(send(wanted).outcome, SmtpOutcome::accepted);
}

TEST_F(Smtp, SendsNothingToAServerThatIsNotTrusted) {
  serve();
  auto wanted = options();
  wanted.ca_file.clear();
  const auto unknown = send(wanted);
  EXPECT_EQ(unknown.outcome, SmtpOutcome::temporary);
  EXPECT_THAT(unknown.text, HasSubstr("the certificate of localhost:"));
  wanted = options();
  wanted.host = "127.0.0.1";
  EXPECT_THAT(send(wanted).text, HasSubstr("is not trusted")) << "another name than the certificate's";
  EXPECT_EQ(server_->log(), "");
}

TEST_F(Smtp, RetriesARefusedLogin) {
  serve();
  auto wanted = options();
  wanted.password_file = folder_.file("wrong");
  write_file_atomically(wanted.password_file, "hunter2\n", 0600);
  const auto result = send(wanted);
  EXPECT_EQ(result.outcome, SmtpOutcome::temporary);
  EXPECT_THAT(result.text, HasSubstr("refuses the login: 535"));
  EXPECT_THAT(result.text, Not(HasSubstr("hunter2")));
  EXPECT_EQ(server_->count(), 0U);
}

TEST_F(Smtp, TellsPermanentRefusalsFromTemporaryOnes) {
  serve();
  server_->faults("unknown anna@customer.example\n");
  const auto unknown = send(options());
  EXPECT_EQ(unknown.outcome, SmtpOutcome::permanent);
  EXPECT_EQ(unknown.text, "550 5.1.1 no such mailbox here");
  server_->faults("greylist 1\n");
  const auto later = send(options());
  EXPECT_EQ(later.outcome, SmtpOutcome::temporary);
  EXPECT_EQ(later.text, "451 4.7.1 greylisted, try again later");
  server_->faults("refuse 554 5.7.1 looks like spam\n");
  const auto spam = send(options());
  EXPECT_EQ(spam.outcome, SmtpOutcome::permanent);
  EXPECT_EQ(spam.text, "554 5.7.1 looks like spam");
  server_->faults("refuse 452 4.2.2 mailbox full\n");
  EXPECT_EQ(send(options()).outcome, SmtpOutcome::temporary);
  server_->faults("");
  EXPECT_EQ(send(options()).outcome, SmtpOutcome::accepted);
  EXPECT_EQ(server_->count(), 1U);
}

TEST_F(Smtp, RetriesWithoutAServer) {
  serve();
  const auto wanted = options();
  server_->stop();
  const auto result = send(wanted);
  EXPECT_EQ(result.outcome, SmtpOutcome::temporary);
  EXPECT_THAT(result.text, HasSubstr("can't be reached"));
}

TEST_F(Smtp, EndsAtItsTimeLimitAndWhenItIsStopped) {
  serve();
  server_->faults("silent 2\n");
  auto wanted = options();
  wanted.time_limit = Milliseconds(1'500);
  const auto late = send(wanted);
  EXPECT_EQ(late.outcome, SmtpOutcome::temporary);
  EXPECT_THAT(late.text, HasSubstr("in time"));
  std::stop_source stop;
  const SmtpClient client(options());
  auto sending = std::async(std::launch::async, [&] {
    try {
      (void)client.send({"b@provider.example", "anna@customer.example"}, mail(), stop.get_token());
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  });
  stop.request_stop();
  EXPECT_EQ(sending.get(), ErrorCode::cancelled);
}

TEST_F(Smtp, RefusesAddressesThatCouldAddCommands) {
  serve();
  const SmtpClient client(options());
  for (const auto* const hostile :
       {"a@b.example\r\nRCPT TO:<c@d.example>", "a b@c.example", "<a@b.example>", "a@b@c", ""}) {
    EXPECT_THROW((void)client.send({"b@provider.example", hostile}, mail()), Error) << hostile;
    EXPECT_THROW((void)client.send({hostile, "anna@customer.example"}, mail()), Error) << hostile;
  }
  EXPECT_EQ(server_->log(), "");
}

}  // namespace
}  // namespace rescue::mail
