// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program that reads what a guest sends needs nothing of root's.

namespace rescue::access {

/// Whom such a program becomes: Debian's nobody and nogroup, who own nothing.
inline constexpr unsigned nobody = 65'534;

/// For good: nobody's user and group, no other groups, no capabilities and no way to new ones (PR_SET_NO_NEW_PRIVS), no
/// core dump, 2 GiB of address space, a minute of CPU time. Who is not root keeps its user. False, with errno, when the
/// kernel refuses: then nothing must be read from anybody. Call it before the first thread.
[[nodiscard]] bool give_up_root();

/// For good, after give_up_root: no thread and no child, so that nothing is left of a program that is killed.
[[nodiscard]] bool stay_alone();

}  // namespace rescue::access
