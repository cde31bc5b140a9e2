// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Confines the program that reads a hostile disk: to an open descriptor, memory, and an answer.

#include <vector>

namespace rescue::windows_disk {

/// Gives up everything but the open descriptors, irrevocably: becomes the user nobody without capabilities, starts no
/// thread and no child, and has no system call but those that reading needs: it can neither connect nor send. Files of
/// up to 300 MiB can be made. A process that is not root keeps its user. Throws `io` if the kernel refuses: then do not
/// read the disk. Call it before the first thread. `more`: numbers of further system calls that the process needs.
void confine(const std::vector<int>& more = {});

}  // namespace rescue::windows_disk
