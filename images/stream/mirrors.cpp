// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/mirrors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::stream {
namespace {

constexpr unsigned most_wrong_in_a_row = 3;  ///< after that, probably all of its file is another one

}  // namespace

Mirrors::Mirrors(std::vector<std::string> urls, Milliseconds longest_pause) : longest_pause_(longest_pause) {
  for (auto& url : urls) {
    Mirror mirror;
    mirror.report.url = std::move(url);
    mirrors_.push_back(std::move(mirror));
  }
}

std::optional<std::size_t> Mirrors::choose(SteadyTime now, bool urgent,
                                           const std::function<bool(std::size_t)>& allows) {
  const std::lock_guard lock(mutex_);
  std::optional<std::size_t> working;
  std::optional<std::size_t> suspect;
  std::optional<std::size_t> to_probe;
  for (std::size_t index = 0; index < mirrors_.size(); ++index) {
    const auto& mirror = mirrors_[index];
    if (now < mirror.next || !allows(index)) continue;
    if (mirror.failures_in_a_row > 0) {
      if (mirror.in_flight == 0 && !to_probe) to_probe = index;
    } else if (mirror.wrong_in_a_row >= most_wrong_in_a_row) {
      if (!suspect) suspect = index;
    } else if (!working) {
      working = index;
    }
  }
  if (!working) working = suspect;
  const auto chosen = urgent ? (working ? working : to_probe) : (to_probe ? to_probe : working);
  if (chosen) {
    ++mirrors_[*chosen].in_flight;
    ++mirrors_[*chosen].report.requests;
  }
  return chosen;
}

void Mirrors::succeeded(std::size_t mirror, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  auto& it = mirrors_[mirror];
  --it.in_flight;
  it.failures_in_a_row = 0;
  it.wrong_in_a_row = 0;
  it.pause = {};
  it.next = {};
  it.report.fault.clear();
  it.report.bytes += bytes;
}

void Mirrors::failed(std::size_t mirror, const std::string& fault, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  auto& it = mirrors_[mirror];
  --it.in_flight;
  ++it.report.failures;
  it.report.fault = fault;
  // Requests that were sent at once fail at once: they count as one failure.
  if (now < it.next) return;
  ++it.failures_in_a_row;
  it.pause = it.pause.count() == 0 ? std::min(first_pause, longest_pause_) : std::min(it.pause * 2, longest_pause_);
  it.next = now + it.pause;
}

void Mirrors::sent_wrong(std::size_t mirror, std::size_t chunk) {
  const std::lock_guard lock(mutex_);
  auto& it = mirrors_[mirror];
  --it.in_flight;
  ++it.report.wrong_chunks;
  ++it.wrong_in_a_row;
  it.failures_in_a_row = 0;
  it.pause = {};
  it.next = {};
  it.report.fault = fmt::format("sent wrong data for chunk {}", chunk);
}

void Mirrors::forget(std::size_t mirror) {
  const std::lock_guard lock(mutex_);
  --mirrors_[mirror].in_flight;
  --mirrors_[mirror].report.requests;
}

std::vector<MirrorReport> Mirrors::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<MirrorReport> reports;
  for (const auto& mirror : mirrors_) reports.push_back(mirror.report);
  return reports;
}

}  // namespace rescue::stream
