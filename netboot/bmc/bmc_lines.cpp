// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/bmc_lines.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {

bool BmcLines::try_take(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (taken_.insert(line).second) {
    refused_.erase(line);
    return true;
  }
  refused_.insert(line);
  return false;
}

void BmcLines::take(const std::string& line) {
  std::unique_lock lock(mutex_);
  const auto is_free = [&] { return !refused_.contains(line) && !taken_.contains(line); };
  if (!is_free()) {
    auto& waiting = waiting_[line];
    bool free = false;
    if (waiting < limits_.waiting_for_one && all_waiting_ < limits_.waiting) {
      ++waiting;
      ++all_waiting_;
      free = freed_.wait_for(lock, limits_.patience, is_free);
      --all_waiting_;
      --waiting;
    }
    if (waiting == 0) waiting_.erase(line);
    if (!free) throw BmcTaken(fmt::format("the BMC at {} is in use", line), "Retry in some seconds.");
  }
  taken_.insert(line);
}

void BmcLines::give(const std::string& line) {
  std::function<void()> told;
  {
    const std::lock_guard lock(mutex_);
    taken_.erase(line);
    if (refused_.contains(line)) told = told_;
  }
  freed_.notify_all();
  if (told) told();
}

void BmcLines::on_free(std::function<void()> told) {
  const std::lock_guard lock(mutex_);
  told_ = std::move(told);
}

}  // namespace rescue::netboot
