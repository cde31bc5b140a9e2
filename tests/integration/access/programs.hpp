// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The prover of access with its own programs from the build.

#include "orchestrator/access/customer_access_probe.hpp"

namespace rescue::tests {

inline access::Programs programs(std::vector<std::string> argv_prefix = {}) {
  return {RESCUE_ACCESS_PROBE, RESCUE_RDP_LOGIN, std::move(argv_prefix)};
}

}  // namespace rescue::tests
