// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of a rescue session that cross a process: rescued, netbootd, their APIs, their journals and their CLIs use
// these and no others.

#include "core/words.hpp"

namespace rescue::contract {

enum class Phase { idle, starting, serving, finishing, finished, failed };
constexpr auto words_of(Phase) {
  return words<Phase>("idle", "starting", "serving", "finishing", "finished", "failed");
}

/// Between `start` and the end of the way out.
constexpr bool is_active(Phase phase) noexcept {
  return phase == Phase::starting || phase == Phase::serving || phase == Phase::finishing;
}

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
constexpr auto words_of(StepName) {
  return words<StepName>("preflight", "inventory", "fetch-image", "claim-disks", "take-network", "start-guest",
                         "provision-guest", "verify-access", "announce", "stop-guest", "settle-disks",
                         "release-network", "restore-boot-mode", "report");
}

/// Fate of the host after the session.
enum class Ending { reboot, poweroff, stay };
constexpr auto words_of(Ending) { return words<Ending>("reboot", "poweroff", "stay"); }

/// Fate of the guest's changes to the server's disks. `discard` needs a disk mode that keeps them apart.
enum class Changes { keep, discard };
constexpr auto words_of(Changes) { return words<Changes>("keep", "discard"); }

/// How the guest sees the server's disks. `overlay`: it may write, and what it writes is kept apart until the session's
/// end, which keeps or discards it.
enum class DiskMode { read_write, read_only, overlay };
constexpr auto words_of(DiskMode) { return words<DiskMode>("rw", "ro", "overlay"); }

/// Effect of a shutdown inside the guest (a reboot inside it always restarts it).
enum class ShutdownPolicy { restart, finish, keep };
constexpr auto words_of(ShutdownPolicy) { return words<ShutdownPolicy>("restart", "finish", "keep"); }

/// Firmware of a machine: a server, or a guest.
enum class Firmware { bios, uefi };
constexpr auto words_of(Firmware) { return words<Firmware>("bios", "uefi"); }

/// Commands of the control plane to a session.
enum class AgentCommand {
  finish,
  rotate,       ///< new credentials, proven and delivered
  open_ticket,  ///< a helpdesk's ticket, with its number sealed to the requester
  end_ticket,   ///< the ticket and every connection of it
};
constexpr auto words_of(AgentCommand) { return words<AgentCommand>("finish", "rotate", "open-ticket", "end-ticket"); }

using rescue::name_of;

}  // namespace rescue::contract
