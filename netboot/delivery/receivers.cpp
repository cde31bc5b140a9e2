// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/receivers.hpp"

#include "netboot/delivery/folder_receiver.hpp"
#include "netboot/delivery/mail_receiver.hpp"
#include "netboot/delivery/webhook_receiver.hpp"

#include <utility>

namespace rescue::netboot {

std::unique_ptr<Receiver> make_receiver(const ReceiverSettings& how, const DeliverySettings& settings,
                                        std::shared_ptr<const MailTemplates> templates, const Clock& clock) {
  if (const auto* const mail = std::get_if<MailSettings>(&how.how)) {
    return std::make_unique<MailReceiver>(*mail, settings, std::move(templates));
  }
  if (const auto* const webhook = std::get_if<WebhookSettings>(&how.how)) {
    return std::make_unique<WebhookReceiver>(*webhook, clock);
  }
  return std::make_unique<FolderReceiver>(std::get<FolderSettings>(how.how));
}

Milliseconds longest_attempt(const ReceiverSettings& how) {
  constexpr Milliseconds of_disk{10'000};
  if (const auto* const mail = std::get_if<MailSettings>(&how.how)) return mail->smtp.time_limit;
  if (const auto* const webhook = std::get_if<WebhookSettings>(&how.how)) return webhook->time_limit;
  return of_disk;
}

}  // namespace rescue::netboot
