// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What ipmitool's lines mean: it has one exit status for everything that can go wrong.

#include "core/subprocess.hpp"
#include "netboot/domain/bmc.hpp"

namespace rescue::netboot {

/// The lines of `ipmitool -v` (lanplus.c, ipmi_strings.c), from the surest sign to the weakest.
enum class IpmitoolFailure {
  password,      ///< user or password is wrong
  privilege,     ///< the session or the request needs more than the user has, or may have
  cipher_suite,  ///< not taken by the BMC
  busy,          ///< out of resources, or half of the handshake got lost: nothing was done
  silent,        ///< no session, since nothing answers
  no_session,    ///< no session, and no reason
  unknown,       ///< the request was sent; whether it was carried out is not known
  refused,       ///< the BMC says no, with a completion code
  other          ///< not ipmitool's failure to reach a BMC
};

/// "192.0.2.1:623", for messages.
[[nodiscard]] std::string place_of(const BmcEndpoint& endpoint);

[[nodiscard]] IpmitoolFailure failure_of(const Completed& completed);

/// Throws what `Bmc` says, for a program that did not exit with 0. `privilege` is the level that was asked for.
[[noreturn]] void throw_failure(IpmitoolFailure failure, const BmcEndpoint& endpoint, const std::string& privilege,
                                const Completed& completed);

}  // namespace rescue::netboot
