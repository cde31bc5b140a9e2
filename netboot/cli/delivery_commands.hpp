// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Implements netbootctl's commands for mails and other deliveries.

#include "core/http/client.hpp"

#include <string>

namespace rescue::netboot::cli {

/// Each command returns its output.
class DeliveryCommands {
public:
  DeliveryCommands(http::Client& client, bool as_json) : client_(client), json_(as_json) {}

  [[nodiscard]] std::string list(const std::string& server);
  [[nodiscard]] std::string show(const std::string& id);
  [[nodiscard]] std::string resend(const std::string& id);

private:
  http::Client& client_;
  bool json_;
};

}  // namespace rescue::netboot::cli
