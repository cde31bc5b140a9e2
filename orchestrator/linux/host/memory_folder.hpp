// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Folders with a memory file system (tmpfs) of their own: what is written there has a limit, and its share of the
// memory plan. Needs CAP_SYS_ADMIN.

#include "orchestrator/ports/host.hpp"

#include <string>

namespace rescue::linux {

/// Mounts a tmpfs of `mib` MiB at `folder`, which is created; changes the size of the one that is there. Owner root,
/// mode 0711. Idempotent. Throws `io`; a size below what its files take is refused by the kernel.
void provide_memory_folder(const std::string& folder, unsigned mib);

/// Unmounts it; memory of files that are still open is freed when they are closed. Does nothing if `folder` is missing
/// or has no file system of its own. Throws `io`.
void remove_memory_folder(const std::string& folder);

/// See ports::Host::room_of.
[[nodiscard]] ports::Room room_of(const std::string& folder);

}  // namespace rescue::linux
