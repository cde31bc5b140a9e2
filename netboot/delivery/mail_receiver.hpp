// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends messages as mails to the address of the rescue's request.

#include "netboot/delivery/receivers.hpp"

namespace rescue::netboot {

class MailReceiver final : public Receiver {
public:
  MailReceiver(MailSettings mail, DeliverySettings settings, std::shared_ptr<const MailTemplates> templates)
      : mail_(std::move(mail)), settings_(std::move(settings)), templates_(std::move(templates)), smtp_(mail_.smtp) {}
  [[nodiscard]] DeliveryAttempt deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                        const std::stop_token& stop) override;

private:
  const MailSettings mail_;
  const DeliverySettings settings_;
  const std::shared_ptr<const MailTemplates> templates_;
  const mail::SmtpClient smtp_;
};

}  // namespace rescue::netboot
