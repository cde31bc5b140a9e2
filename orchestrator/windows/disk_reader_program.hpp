// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the program that reads a disk, a process for each: a disk that breaks its reader breaks nothing else.

#include "core/clock.hpp"
#include "orchestrator/domain/disk.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace rescue::windows_disk {

/// Runs a program such as rescue-inspect with the disk as its standard input, and returns what it prints. Throws `disk`
/// if the disk's name is another device's now, `io` if it can't be opened, `subprocess` with the reason if the program
/// fails or takes longer than `limit`. Blocks for `limit` at most.
[[nodiscard]] std::string read_disk_by(std::vector<std::string> argv, const domain::Disk& disk, Milliseconds limit);

/// Calls `work` for each number below `count`, as many at a time as there are processors. `work` must not throw.
void for_each_at_once(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace rescue::windows_disk
