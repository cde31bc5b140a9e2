// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ways to deliver a message: by mail, to a webhook, as files in a folder.

#include "netboot/delivery/settings.hpp"
#include "netboot/delivery/templates.hpp"
#include "netboot/service/deliveries.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace rescue::netboot {

/// Thread-safe.
class Receiver {
public:
  virtual ~Receiver() = default;
  /// Makes one attempt; blocks for the receiver's time limit at most. The text of the result has no secrets. Throws
  /// Error for faults that a retry may find corrected, such as a missing file, and `cancelled` on `stop`.
  [[nodiscard]] virtual DeliveryAttempt deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                                const std::stop_token& stop) = 0;
};

/// `how` is one of `settings`. `clock` outlives the receiver.
[[nodiscard]] std::unique_ptr<Receiver> make_receiver(const ReceiverSettings& how, const DeliverySettings& settings,
                                                      std::shared_ptr<const MailTemplates> templates,
                                                      const Clock& clock);

/// Longest time that an attempt takes.
[[nodiscard]] Milliseconds longest_attempt(const ReceiverSettings& how);

/// Signature of a webhook's request: HMAC-SHA256 (RFC 2104) of "TIMESTAMP.BODY" in lower-case hex.
[[nodiscard]] std::string webhook_signature(const Secret& key, const std::string& timestamp, const std::string& body);

}  // namespace rescue::netboot
