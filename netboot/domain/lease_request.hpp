// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A request for a lease.

#include "netboot/domain/lease.hpp"
#include "netboot/domain/rescue_request.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

/// Terms of a lease that people choose.
struct LeaseTerms {
  LeasePolicy policy = LeasePolicy::until_finished;
  std::optional<Milliseconds> time_to_live;  ///< none: the default
  std::string reason;
};

/// Another end of a lease: a time from now, or a moment. Exactly one is given.
struct LeaseExtension {
  std::optional<Milliseconds> time_to_live;
  std::optional<WallTime> until;
  Milliseconds longest{};  ///< from now
};

struct LeaseRequest {
  BootMode mode = BootMode::rescue_windows;
  LeasePolicy policy = LeasePolicy::until_finished;
  Milliseconds time_to_live{};
  std::string requested_by;
  std::string reason;
  RescueRequest rescue{};
  bool has_agent = true;  ///< like `Lease::has_agent`
};

}  // namespace rescue::netboot
