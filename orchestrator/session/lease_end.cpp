// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The end of the session's lease at the control plane: recorded, announced in the guest, moved.

#include "core/log.hpp"
#include "orchestrator/session/commands.hpp"
#include "orchestrator/session/guest_setup.hpp"
#include "orchestrator/session/guest_text.hpp"
#include "orchestrator/session/rescue_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {

using contract::GuestAction;
using domain::WarningCode;

void RescueSession::lease_ends(WallTime at) {
  if (!record_.active() || (record_.lease && record_.lease->ends == at)) return;
  const auto now = ports_.clock.wall();
  const bool had_end = record_.lease.has_value();
  auto& lease = record_.lease;
  if (!lease) lease.emplace();
  lease->ends = at;
  // A warning whose time is to come again is given again.
  std::erase_if(lease->warned, [&](Milliseconds before) { return now < at - before; });
  if (lease->warned.empty()) record_.take_back(WarningCode::lease_ends_soon);
  if (had_end) log::info("the lease of this session ends at {}", rfc3339(at));
  if (allowed(Command::care_for_guest, record_)) {
    auto context = this->context({});
    write_guest_texts(context);
  }
  save();
}

std::optional<Milliseconds> RescueSession::warn_of_lease_end() {
  if (!record_.lease || !allowed(Command::care_for_guest, record_)) return std::nullopt;
  auto& lease = *record_.lease;
  const auto now = ports_.clock.wall();
  std::optional<Milliseconds> next;
  bool is_due = false;
  for (const auto before : settings_.lease_warnings) {
    const auto left = std::chrono::duration_cast<Milliseconds>(lease.ends - before - now);
    if (left > Milliseconds(0)) {
      next = std::min(next.value_or(left), left);
    } else if (std::find(lease.warned.begin(), lease.warned.end(), before) == lease.warned.end()) {
      lease.warned.push_back(before);
      is_due = true;
    }
  }
  if (!is_due) return next;
  const auto left = std::chrono::duration_cast<Milliseconds>(lease.ends - now);
  if (left <= Milliseconds(0)) return next;  // too late for a warning
  record_.take_back(WarningCode::lease_ends_soon);
  record_.warn(
      fmt::format("the lease of this session ends at {}; `netbootctl rescue extend` moves it", rfc3339(lease.ends)),
      WarningCode::lease_ends_soon);
  auto context = this->context({});
  if (offers(context, GuestAction::message)) {
    const auto language = language_of(record_.request ? record_.request->language : "");
    const auto problem = perform(context, GuestAction::message, {},
                                 {{"text", lease_warning(settings_.server_name, lease.ends, left, language)}});
    if (!problem.empty()) log::warning("the warning of the lease's end was not shown in the guest: {}", problem);
  }
  save();
  return next;
}

}  // namespace rescue::session
