// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Posts messages to a program of the provider, signed.

#include "netboot/delivery/receivers.hpp"

namespace rescue::netboot {

class WebhookReceiver final : public Receiver {
public:
  /// `clock` outlives this.
  WebhookReceiver(WebhookSettings settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}
  [[nodiscard]] DeliveryAttempt deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                        const std::stop_token& stop) override;

private:
  const WebhookSettings settings_;
  const Clock& clock_;
};

}  // namespace rescue::netboot
