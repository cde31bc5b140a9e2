// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Confines the program that reads a hostile disk: to an open descriptor, memory, and an answer.

#include <vector>

namespace rescue::windows_disk {

struct Confinement {
  unsigned long largest_file = 300UL << 20U;  ///< in bytes; hives are as large as 256 MiB
  unsigned long cpu_seconds = 60;
  std::vector<int> more_calls{};  ///< numbers of further system calls that the process needs
};

/// Gives up everything but the open descriptors, irrevocably: becomes the user nobody without capabilities, starts no
/// thread and no child, and has no system call but those that reading needs: it can neither connect nor send. Files of
/// limited size can be made, and limited CPU time used. A process that is not root keeps its user. Throws `io` if the
/// kernel refuses: then do not read the disk. Call it before the first thread.
void confine(const Confinement& limits = {});

}  // namespace rescue::windows_disk
