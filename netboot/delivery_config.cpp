// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery_config.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "netboot/boot_config.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

constexpr Milliseconds longest_time_limit{300'000};

Milliseconds attempt_limit(const Field& field) {
  const auto limit = field.duration();
  if (limit.count() < 1'000 || limit > longest_time_limit) field.fail("must be from 1s to 5m", "Write it as 60s.");
  return limit;
}

Milliseconds pause_from(const Field& field) {
  const auto pause = field.duration();
  if (pause.count() == 0) field.fail("must be longer than nothing", "Write it as 10s.");
  return pause;
}

/// One word: it goes into a command of SMTP or a URL.
std::string word_from(const Field& field) {
  auto text = field.text();
  const bool breaks =
      std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~' || c == '/' || c == '@'; });
  if (breaks) field.fail("must be one word of ASCII");
  return text;
}

mail::Mailbox mailbox_from(const Field& field) {
  try {
    return mail::parse_mailbox(field.text());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    field.fail(error.what(), "Write it as Example Rescue <rescue@example.com>.");
  }
}

std::string return_path_from(const Field& field) {
  auto pattern = field.text();
  if (!mail::is_mail_address(return_path(pattern, std::string(16, '0')))) {
    field.fail("is not a mail address", "Write it as bounces+{id}@example.com.");
  }
  return pattern;
}

MailSettings read_mail(const Field& field) {
  field.only({"kind", "parallel", "server", "port", "tls", "ca_file", "user", "password_file", "hello", "from",
              "return_path", "reply_to", "time_limit"});
  MailSettings mail;
  mail.smtp.host = word_from(field.at("server"));
  if (const auto tls = field.find("tls")) mail.smtp.tls = tls->word<mail::SmtpTls>();
  constexpr std::uint16_t smtps = 465;
  if (mail.smtp.tls == mail::SmtpTls::smtps) mail.smtp.port = smtps;
  if (const auto port = field.find("port")) {
    mail.smtp.port = static_cast<std::uint16_t>(port->integer(1, UINT16_MAX));
  }
  if (const auto file = field.find("ca_file")) mail.smtp.ca_file = file->text();
  if (const auto user = field.find("user")) {
    if (mail.smtp.tls == mail::SmtpTls::none) user->fail("would send its password in clear", "Use starttls or smtps.");
    mail.smtp.user = user->text();
    mail.smtp.password_file = field.at("password_file").text();
  }
  if (const auto hello = field.find("hello")) mail.smtp.hello = word_from(*hello);
  if (const auto limit = field.find("time_limit")) mail.smtp.time_limit = attempt_limit(*limit);
  mail.from = mailbox_from(field.at("from"));
  const auto path = field.find("return_path");
  mail.return_path = path ? return_path_from(*path) : mail.from.address;
  if (const auto reply = field.find("reply_to")) mail.reply_to = mailbox_from(*reply).address;
  return mail;
}

WebhookSettings read_webhook(const Field& field, DeliveryReceiver& receiver) {
  field.only({"kind", "parallel", "url", "ca_file", "secret_file", "time_limit", "link", "code"});
  WebhookSettings webhook;
  webhook.url = web_url(field.at("url"));
  webhook.secret_file = field.at("secret_file").text();
  if (const auto file = field.find("ca_file")) webhook.ca_file = file->text();
  if (const auto limit = field.find("time_limit")) webhook.time_limit = attempt_limit(*limit);
  if (const auto link = field.find("link")) receiver.link = link->boolean();
  if (const auto code = field.find("code")) receiver.code = code->boolean();
  if ((receiver.link || receiver.code) && !webhook.url.starts_with("https://")) {
    field.at("url").fail("must be https for a webhook that gets the link or its code");
  }
  return webhook;
}

FolderSettings read_folder(const Field& field) {
  field.only({"kind", "parallel", "folder"});
  return {field.at("folder").text()};
}

ReceiverSettings read_receiver(const Field& field, const std::string& name) {
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  constexpr std::size_t longest = 32;
  constexpr std::int64_t most_parallel = 32;
  if (name.empty() || name.size() > longest || !std::all_of(name.begin(), name.end(), is_good)) {
    field.fail("must be named with lower-case letters, digits and '-', at most 32 characters");
  }
  ReceiverSettings settings;
  settings.receiver.name = name;
  settings.receiver.kind = field.at("kind").word<ReceiverKind>();
  if (const auto parallel = field.find("parallel")) {
    settings.parallel = static_cast<unsigned>(parallel->integer(1, most_parallel));
  }
  switch (settings.receiver.kind) {
  case ReceiverKind::mail:
    settings.how = read_mail(field);
    break;
  case ReceiverKind::webhook:
    settings.how = read_webhook(field, settings.receiver);
    break;
  case ReceiverKind::drop_folder:
    settings.how = read_folder(field);
  }
  return settings;
}

void read_retry(const Field& retry, RetryRules& rules) {
  constexpr std::int64_t most_attempts = 10'000;
  retry.only({"first", "longest", "age", "attempts"});
  if (const auto first = retry.find("first")) rules.first = pause_from(*first);
  if (const auto longest = retry.find("longest")) rules.longest = pause_from(*longest);
  if (const auto age = retry.find("age")) rules.age = pause_from(*age);
  if (const auto attempts = retry.find("attempts"))
    rules.attempts = static_cast<int>(attempts->integer(1, most_attempts));
}

}  // namespace

DeliverySettings delivery_from(const Field& delivery) {
  delivery.only({"provider", "support", "language", "templates", "retry", "receivers"});
  DeliverySettings settings;
  if (const auto provider = delivery.find("provider")) settings.provider = provider->text();
  if (const auto support = delivery.find("support")) settings.support = support->text();
  if (const auto language = delivery.find("language")) settings.language = lower_case(language->text());
  if (const auto folder = delivery.find("templates")) settings.templates = folder->text();
  if (const auto retry = delivery.find("retry")) read_retry(*retry, settings.retry);
  const auto receivers = delivery.find("receivers");
  if (!receivers) return settings;
  if (!receivers->json().is_object()) receivers->fail("must hold receivers by name");
  for (const auto& [name, value] : receivers->json().items()) {
    settings.receivers.push_back(read_receiver(receivers->at(name), name));
    if (settings.receivers.back().receiver.kind == ReceiverKind::mail && settings.provider.empty()) {
      delivery.fail("provider is missing", "Mails name it: provider: Example Hosting");
    }
  }
  return settings;
}

}  // namespace rescue::netboot
