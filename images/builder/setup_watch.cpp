// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/setup_watch.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace rescue::builder {
namespace {

constexpr std::uint64_t least_written = std::uint64_t{1} << 20;
/// Screens that are remembered: at one each 5 s more than a day.
constexpr std::size_t most_screens = 20'000;

double seconds(Milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

SetupWatch::SetupWatch(Clock& clock, Milliseconds quiet, Milliseconds total)
    : clock_(clock), quiet_(quiet), total_(total), began_(clock.now()), progressed_(began_) {}

bool SetupWatch::is_progress(const MachineSample& sample) {
  const bool is_new_screen =
      !sample.screen.empty() && screens_.size() < most_screens && screens_.insert(sample.screen).second;
  const bool progress = is_new_screen || sample.resets != last_.resets || sample.serial != last_.serial ||
                        sample.written >= last_.written + least_written || sample.written < last_.written;
  if (progress) last_ = sample;
  return progress;
}

void SetupWatch::observe(const MachineSample& sample) {
  const auto now = clock_.now();
  if (is_progress(sample)) progressed_ = now;
  if (now - began_ >= total_) {
    throw Error(ErrorCode::timeout, fmt::format("the installation did not end within {:.0f} s", seconds(total_)),
                "Look at the screenshot and the logs; a slow machine needs a larger --limit.");
  }
  if (now - progressed_ >= quiet_) {
    throw Error(ErrorCode::timeout,
                fmt::format("the installation hangs: for {:.0f} s no new screen, no reset, no serial line, and less "
                            "than 1 MiB written",
                            seconds(quiet_)),
                "Look at the screenshot and the logs; a slow machine needs a larger --stall-limit.");
  }
}

Milliseconds SetupWatch::without_progress() const {
  return std::chrono::duration_cast<Milliseconds>(clock_.now() - progressed_);
}

}  // namespace rescue::builder
