// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/mail_receiver.hpp"

#include "core/error.hpp"
#include "netboot/delivery/mail_values.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

using Outcome = DeliveryAttempt::Outcome;

Outcome outcome_of(mail::SmtpOutcome outcome) {
  switch (outcome) {
  case mail::SmtpOutcome::accepted:
    return Outcome::done;
  case mail::SmtpOutcome::permanent:
    return Outcome::refused;
  case mail::SmtpOutcome::temporary:
    break;
  }
  return Outcome::retry;
}

}  // namespace

DeliveryAttempt MailReceiver::deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                      const std::stop_token& stop) {
  if (!mail::is_mail_address(record.address)) return {Outcome::refused, "the address is not a mail address"};
  auto values = mail_values(record, facts, settings_);
  auto text = templates_->render(record.kind, record.language, values);
  wipe(values["link"]);
  mail::Message message;
  message.from = mail_.from;
  message.to.address = record.address;
  message.reply_to = mail_.reply_to;
  message.subject = std::move(text.subject);
  message.date = record.created;
  const auto& sender = mail_.from.address;
  message.message_id = fmt::format("d-{}.{}@{}", record.id, record.tag, sender.substr(sender.rfind('@') + 1));
  message.text = std::move(text.text);
  message.html = std::move(text.html);
  const auto result =
      smtp_.send({return_path(mail_.return_path, record.tag), record.address}, mail::mime_of(message), stop);
  return {outcome_of(result.outcome), result.text};
}

}  // namespace rescue::netboot
