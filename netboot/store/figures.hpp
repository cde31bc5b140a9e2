// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts for monitoring.

#include "netboot/store/store.hpp"

#include <map>
#include <string>

namespace rescue::netboot {

struct Figures {
  long long servers = 0;
  long long leases = 0;  ///< not ended and not expired
  std::map<std::string, long long> tasks{};
  long long sessions = 0;                         ///< not ended
  std::map<std::string, long long> deliveries{};  ///< by state
  long long heard = 0;                            ///< host agents with a heartbeat in the last minute
};

/// Throws `unavailable`.
[[nodiscard]] Figures figures_of(Store& store);

}  // namespace rescue::netboot
