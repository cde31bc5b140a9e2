// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/file.hpp"
#include "delivered.hpp"
#include "netboot/delivery/mail_values.hpp"
#include "netboot/delivery/templates.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

namespace rescue::netboot {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DeliverySettings example_hosting() {
  DeliverySettings settings;
  settings.provider = "Example Hosting";
  settings.support = "https://help.provider.example, +49 30 123456";
  return settings;
}

DeliveryRecord record_of(DeliveryKind kind) {
  DeliveryRecord record{7, ServerName::parse("web-01")};
  record.kind = kind;
  return record;
}

std::string text_of(const MailText& mail) {
  return "Subject: " + mail.subject + "\n\n" + std::string(mail.text.reveal());
}

/// Compares with tests/golden/mail/NAME; RESCUE_TEST_ACCEPT=1 writes it instead.
void expect_golden(const std::string& name, const std::string& content) {
  const auto path = std::string(RESCUE_SOURCE_DIR "/tests/golden/mail/") + name;
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) write_file_atomically(path, content, 0644);
  EXPECT_EQ(read_file_if_exists(path).value_or("(no such file)"), content) << path;
}

TEST(MailTemplate, HasATextAndHtmlInEachLanguage) {
  const MailTemplates templates;
  for (const std::string language : {"en", "fr", "de"}) {
    for (const auto kind : {DeliveryKind::access, DeliveryKind::ends_soon, DeliveryKind::ended}) {
      const auto values = mail_values(record_of(kind), sample_facts(), example_hosting());
      const auto mail = templates.render(kind, language, values);
      const auto name = std::string(name_of(kind)) + "." + language;
      expect_golden(name + ".txt", text_of(mail));
      expect_golden(name + ".html", std::string(mail.html.reveal()));
    }
  }
}

TEST(MailTemplate, NamesTheWayOfTheCode) {
  const MailTemplates templates;
  auto facts = sample_facts();
  const auto text = [&] {
    return text_of(templates.render(DeliveryKind::access, "en",
                                    mail_values(record_of(DeliveryKind::access), facts, example_hosting())));
  };
  EXPECT_THAT(text(), HasSubstr("You find it in the control panel of Example Hosting."));
  facts.code_policy = contract::CodePolicy::webhook;
  facts.code = Secret(std::string_view(sample_code));
  EXPECT_THAT(text(), HasSubstr("Example Hosting sends it to you separately, not by mail."));
  EXPECT_THAT(text(), Not(HasSubstr(sample_code)));
  facts.code_policy = contract::CodePolicy::none;
  EXPECT_THAT(text(), HasSubstr("No code is needed"));
}

TEST(MailTemplate, FallsBackToALanguageThatItHas) {
  const MailTemplates templates({}, "fr");
  EXPECT_EQ(templates.language_for("de"), "de");
  EXPECT_EQ(templates.language_for("de-AT"), "de");
  EXPECT_EQ(templates.language_for("EN"), "en");
  EXPECT_EQ(templates.language_for("pt-BR"), "fr");
  EXPECT_EQ(templates.language_for(""), "fr");
  EXPECT_EQ(templates.language_for("../../etc/passwd"), "fr");
  EXPECT_THROW(MailTemplates({}, "tlh"), Error);
}

TEST(MailTemplate, ShowsMarkupAsTextWhereverItComesFrom) {
  const MailTemplates templates;
  const std::string hostile = R"("><script>alert(1)</script><img src=x onerror='alert(2)'>&{{link}}{{t.access_lead}})";
  auto values = sample_mail_values("sample");
  for (auto& [name, value] : values) value = hostile;
  for (const auto kind : {DeliveryKind::access, DeliveryKind::ends_soon, DeliveryKind::ended}) {
    const auto mail = templates.render(kind, "en", values);
    const std::string html(mail.html.reveal());
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("<img")));
    EXPECT_THAT(html, HasSubstr("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    EXPECT_THAT(html, HasSubstr("{{link}}{{t.access_lead}}")) << "a value is no template";
  }
}

TEST(MailTemplate, KeepsControlCharactersOut) {
  const MailTemplates templates;
  auto values = sample_mail_values("sample");
  values["server"] = "web-01\r\nBcc: thief@example.net\x1b[2J\xe2\x80\xae";
  const auto mail = templates.render(DeliveryKind::ended, "en", values);
  EXPECT_EQ(mail.subject.find_first_of("\r\n\x1b"), std::string::npos) << mail.subject;
  EXPECT_EQ(mail.text.reveal().find('\x1b'), std::string_view::npos);
  EXPECT_EQ(mail.text.reveal().find('\r'), std::string_view::npos);
}

TEST(MailTemplate, LoadsNothingFromElsewhere) {
  const MailTemplates templates;
  for (const auto kind : {DeliveryKind::access, DeliveryKind::ends_soon, DeliveryKind::ended}) {
    const auto mail = templates.render(kind, "en", mail_values(record_of(kind), sample_facts(), example_hosting()));
    const std::string html(mail.html.reveal());
    for (const auto* const loader : {" src=", "<img", "<link", "@import", "url(", "<iframe", "<script", "<form"}) {
      EXPECT_THAT(html, Not(HasSubstr(loader)));
    }
    const std::regex address("https?://[^\"'<> ]+");
    for (std::sregex_iterator found(html.begin(), html.end(), address), end; found != end; ++found) {
      EXPECT_TRUE(found->str().starts_with("https://rescue.provider.example/s/") ||
                  found->str().starts_with("https://help.provider.example"))
          << found->str();
    }
  }
}

TEST(MailTemplate, HasTheAddressOnlyWhereAHostReportsNonsense) {
  const MailTemplates templates;
  auto facts = sample_facts();
  facts.connection.host_keys[0].fingerprint = "SHA256:<b>no</b>";
  const auto text = text_of(templates.render(DeliveryKind::access, "en",
                                             mail_values(record_of(DeliveryKind::access), facts, example_hosting())));
  EXPECT_THAT(text, HasSubstr("203.0.113.7"));
  EXPECT_THAT(text, HasSubstr("not known yet"));
  EXPECT_THAT(text, HasSubstr(sample_link));
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
}

TEST(MailTemplate, IsReplacedByAFolder) {
  const tests::ScratchFolder folder;
  const auto path = folder.file("mail");
  make_folder(path, 0700);
  write_file_atomically(path + "/ended.txt", "Over: {{server}}, says {{provider}}\n", 0600);
  auto spanish = read_file(RESCUE_SOURCE_DIR "/netboot/delivery/templates/en.yaml");
  const std::string title = "The rescue session has ended";
  for (auto at = spanish.find(title); at != std::string::npos; at = spanish.find(title, at + 1)) {
    spanish.replace(at, title.size(), "La sesión de rescate ha terminado");
  }
  write_file_atomically(path + "/es.yaml", spanish, 0600);
  const MailTemplates templates(path);
  const auto values = mail_values(record_of(DeliveryKind::ended), sample_facts(), example_hosting());
  const auto mail = templates.render(DeliveryKind::ended, "es-MX", values);
  EXPECT_THAT(std::string(mail.text.reveal()), HasSubstr("Over: web-01, says Example Hosting\n"));
  EXPECT_THAT(std::string(mail.html.reveal()), HasSubstr("La sesión de rescate ha terminado"));
}

TEST(MailTemplate, IsRefusedWithItsFault) {
  const tests::ScratchFolder folder;
  const auto path = folder.file("mail");
  make_folder(path, 0700);
  const auto fault = [&](const std::string& name, const std::string& content) -> std::string {
    write_file_atomically(path + "/" + name, content, 0600);
    std::string message = "none";
    try {
      const MailTemplates templates(path);
    } catch (const Error& error) {
      message = error.what();
    }
    remove_file_durably(path + "/" + name);
    return message;
  };
  EXPECT_THAT(fault("ended.txt", "{{servr}}"), HasSubstr("ended.txt: {{servr}} is not known"));
  EXPECT_THAT(fault("ended.txt", "{{server"), HasSubstr("ended.txt: a {{ has no }}"));
  EXPECT_THAT(fault("ended.txt", "{{#ends}}x"), HasSubstr("ended.txt: {{#ends}} has no {{/ends}}"));
  EXPECT_THAT(fault("ended.html", "{{t.nothing}}"), HasSubstr("ended.html: {{t.nothing}} is not in the texts"));
  EXPECT_THAT(fault("layout.html", "<html>"), HasSubstr("layout.html: has no {{body}}"));
  EXPECT_THAT(fault("es.yaml", "access_subject: x\n"), HasSubstr("is not in the texts"));
  EXPECT_THAT(fault("es.yaml", "- list\n"), HasSubstr("must be texts by name"));
  EXPECT_THAT(fault("ended.txt", std::string(300'000, 'x')), HasSubstr("longer than 256 KiB"));
  EXPECT_THROW(MailTemplates(folder.file("missing")), Error);
}

}  // namespace
}  // namespace rescue::netboot
