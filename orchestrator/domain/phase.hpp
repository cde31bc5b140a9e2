// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The phases and steps of a rescue session, in the words that status, journal and documents share.

#include <string_view>

namespace rescue::domain {

enum class Phase { idle, starting, serving, finishing, finished, failed };
[[nodiscard]] std::string_view name_of(Phase phase) noexcept;

/// In the order in which a session takes them; from `stop_guest` on: the one way out, of success and of failure.
enum class StepName {
  preflight,
  inventory,
  fetch_image,
  claim_disks,
  take_network,
  start_guest,
  provision_guest,
  verify_access,
  announce,
  stop_guest,
  settle_disks,
  release_network,
  restore_boot_mode,
  report,
};
[[nodiscard]] std::string_view name_of(StepName step) noexcept;

enum class StepState { begun, done, failed, undone };
[[nodiscard]] std::string_view name_of(StepState state) noexcept;

/// What becomes of the host after the session.
enum class Ending { reboot, poweroff, stay };
[[nodiscard]] std::string_view name_of(Ending ending) noexcept;

}  // namespace rescue::domain
