// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Meanings of ipmitool's output: it has one exit status for every failure.

#include "core/subprocess.hpp"
#include "netboot/domain/bmc.hpp"

namespace rescue::netboot {

/// Failures, by lines of `ipmitool -v` (lanplus.c, ipmi_strings.c), the most certain first.
enum class IpmitoolFailure {
  password,      ///< user or password is wrong
  privilege,     ///< the session or the request needs a privilege that the user lacks
  cipher_suite,  ///< not supported by the BMC
  busy,          ///< out of resources, or a part of the handshake was lost: nothing was done
  silent,        ///< no session, because nothing answers
  no_session,    ///< no session, for an unknown reason
  unknown,       ///< the request was sent; it may have been carried out
  refused,       ///< the BMC refused, with a completion code
  other          ///< no failure to reach a BMC
};

/// "192.0.2.1:623", for messages.
[[nodiscard]] std::string place_of(const BmcEndpoint& endpoint);

[[nodiscard]] IpmitoolFailure failure_of(const Completed& completed);

/// Throws as `Bmc` does, for a program that did not exit with 0. `privilege` is the requested level.
[[noreturn]] void throw_failure(IpmitoolFailure failure, const BmcEndpoint& endpoint, const std::string& privilege,
                                const Completed& completed);

}  // namespace rescue::netboot
