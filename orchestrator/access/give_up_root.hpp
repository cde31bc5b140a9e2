// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Drops root's privileges in programs that parse what a guest sends.

namespace rescue::access {

/// User and group of such a program: Debian's nobody and nogroup, which own nothing.
inline constexpr unsigned nobody = 65'534;

/// Becomes nobody irrevocably: user and group nobody, no other groups, no capabilities and no way to new ones
/// (PR_SET_NO_NEW_PRIVS), no core dump, 2 GiB of address space, `cpu_seconds` of CPU time. A process that is not root
/// keeps its user. False, with errno, if the kernel refuses: then do not read from any peer. Call it before the first
/// thread.
[[nodiscard]] bool give_up_root(unsigned long cpu_seconds = 60);

/// Forbids threads and children irrevocably, so that killing the program leaves nothing behind. Call it after
/// give_up_root.
[[nodiscard]] bool stay_alone();

}  // namespace rescue::access
