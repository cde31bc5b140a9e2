// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/smart_health.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace rescue::linux {

domain::DiskHealth SmartHealth::read_one(const domain::Disk& disk) const {
  domain::DiskHealth unknown{disk.path};
  try {
    Command command;
    command.argv = {program_, "--json=c", "--info", "--health", "--attributes", disk.path};
    command.time_limit = limit_;
    const auto completed = run(command);
    // Its exit status has a bit for each thing that is wrong with the disk.
    if (!completed.timed_out) return domain::disk_health_from(disk.path, completed.out);
    unknown.problem = fmt::format("the disk did not answer for {} s", limit_.count() / 1000);
  } catch (const std::exception& error) {  // on a thread of its own: nothing may leave it
    unknown.problem = report_of(error).one_line();
  }
  return unknown;
}

std::vector<domain::DiskHealth> SmartHealth::read(const std::vector<domain::Disk>& disks) {
  constexpr std::size_t most_at_a_time = 8;
  std::vector<domain::DiskHealth> results(disks.size());
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> readers;
    for (std::size_t i = 0; i < std::min(most_at_a_time, disks.size()); ++i) {
      readers.emplace_back([&] {
        for (auto one = next++; one < disks.size(); one = next++) results[one] = read_one(disks[one]);
      });
    }
  }
  return results;
}

}  // namespace rescue::linux
