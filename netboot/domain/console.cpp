// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/console.hpp"

#include <fmt/format.h>

namespace rescue::netboot {

PassState state_of(const ConsolePass& pass, WallTime now) noexcept {
  if (pass.revoked) return PassState::revoked;
  if (pass.used) return PassState::used;
  return pass.expires <= now ? PassState::expired : PassState::waiting;
}

bool is_connected(const ConsoleViewer& viewer, WallTime now) noexcept {
  return !viewer.ended && !viewer.broken && now - viewer.seen <= viewer_silence;
}

bool may_resume(const ConsoleViewer& viewer, WallTime now) noexcept {
  if (viewer.ended) return false;
  return now - viewer.broken.value_or(viewer.seen) <= resume_window;
}

std::string connection_id(const ConsoleViewer& viewer) { return fmt::format("v-{}.{}", viewer.id, viewer.connection); }

}  // namespace rescue::netboot
