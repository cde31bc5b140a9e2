// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps of a session. The way in can stop anywhere; the way out is one, for success and for failure.

#include "orchestrator/session/context.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace rescue::session {

struct Step {
  domain::StepName name;
  /// Has its effect or throws. Called again after a crash only when the session is adopted: then it must accept that
  /// its effect is there.
  void (*apply)(SessionContext&);
};

/// preflight ... announce, in this order. Before each one the journal says that it has begun.
[[nodiscard]] std::span<const Step> way_in();

/// How the warning begins that credentials have not come to whom they are for.
inline constexpr std::string_view not_delivered = "the credentials were not delivered";
/// How the warning begins that a rotation has left the guest with a password that nobody knows.
inline constexpr std::string_view not_proven = "the new password is set, and could not be proven";

/// How the warning begins that QEMU has paused the guest.
inline constexpr std::string_view out_of_room = "the guest is paused";

/// Removes the warnings that begin so: what they said is no longer true.
void forget_warnings(domain::SessionRecord& record, std::string_view beginning);

/// Tells everybody who is to be told, and returns whom; who could not be told is in the record's warnings.
[[nodiscard]] std::string tell(SessionContext& context, const Secret& password);

struct ExitStep {
  domain::StepName name;
  std::optional<domain::StepName> undoes;  ///< runs only when that step may be in effect
  /// Idempotent. Throws when something is left; the steps after it run all the same.
  void (*apply)(SessionContext&);
};

/// stop-guest, settle-disks, release-network, restore-boot-mode, report.
[[nodiscard]] std::span<const ExitStep> way_out();

}  // namespace rescue::session
