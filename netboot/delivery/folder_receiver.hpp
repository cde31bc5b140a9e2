// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Puts connection files into a folder, for a helpdesk's own program.

#include "netboot/delivery/receivers.hpp"

namespace rescue::netboot {

class FolderReceiver final : public Receiver {
public:
  explicit FolderReceiver(FolderSettings settings) : settings_(std::move(settings)) {}
  /// Writes NAME.rdp, NAME.known_hosts, with a ticket NAME.inv32.xml, and at last NAME.json: each as a whole, mode
  /// 0640. At the end of the session they are removed, unless they are of a later one. Idempotent.
  [[nodiscard]] DeliveryAttempt deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                        const std::stop_token& stop) override;

private:
  const FolderSettings settings_;
};

}  // namespace rescue::netboot
