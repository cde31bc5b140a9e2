// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings of the section `delivery`: who gets messages about rescues, and how.

#include "core/mail/message.hpp"
#include "core/mail/smtp.hpp"
#include "netboot/domain/delivery.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace rescue::netboot {

struct MailSettings {
  mail::SmtpOptions smtp{};
  mail::Mailbox from{};
  std::string return_path{};  ///< with "{id}" for the record's tag; never empty
  std::string reply_to{};
};

struct WebhookSettings {
  std::string url{};
  std::string ca_file{};
  std::string secret_file{};  ///< key of the signature; read for each request
  Milliseconds time_limit{20'000};
};

struct FolderSettings {
  std::string path{};
};

struct ReceiverSettings {
  DeliveryReceiver receiver{};
  unsigned parallel = 4;  ///< concurrent attempts
  std::variant<MailSettings, WebhookSettings, FolderSettings> how{};
};

struct DeliverySettings {
  std::string provider{};               ///< name in mails
  std::string support{};                ///< contact in mails; may be empty
  std::string language = "en";          ///< of mails whose language is not known
  std::string templates{};              ///< folder whose files replace ours; empty: none
  Milliseconds warn_before{3'600'000};  ///< the end of a lease: lease.ends_soon; 0: no warning
  RetryRules retry{};
  std::vector<ReceiverSettings> receivers{};

  [[nodiscard]] DeliveryRules rules() const {
    DeliveryRules rules;
    rules.retry = retry;
    for (const auto& one : receivers) rules.receivers.push_back(one.receiver);
    return rules;
  }
};

}  // namespace rescue::netboot
