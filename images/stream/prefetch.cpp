// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/prefetch.hpp"

#include <algorithm>

namespace rescue::stream {
namespace {

constexpr std::size_t most_sequences = 16;  ///< sequential reads that are followed at once
constexpr std::size_t most_ahead = 64;

}  // namespace

bool Prefetch::note_read(std::size_t chunk) {
  const auto follows = std::find(ends_.begin(), ends_.end(), chunk);
  const bool repeats = std::find(ends_.begin(), ends_.end(), chunk + 1) != ends_.end();
  if (repeats) return false;  // another part of the same chunk
  const bool is_planned = follows != ends_.end() && options_.read_ahead > 0;
  if (follows != ends_.end()) {
    ends_.erase(follows);
    for (auto next = chunk + 1; next <= chunk + options_.read_ahead && next < chunks_; ++next) {
      if (std::find(ahead_.begin(), ahead_.end(), next) == ahead_.end()) ahead_.push_back(next);
    }
    while (ahead_.size() > most_ahead) ahead_.pop_front();
  }
  ends_.push_back(chunk + 1);
  if (ends_.size() > most_sequences) ends_.pop_front();
  return is_planned;
}

std::optional<Prefetch::Choice> Prefetch::next(bool has_room, bool is_idle,
                                               const std::function<bool(std::size_t)>& is_missing) {
  while (!ahead_.empty()) {
    const auto chunk = ahead_.front();
    ahead_.pop_front();
    if (is_missing(chunk)) return Choice{chunk, true};
  }
  if (!has_room) return std::nullopt;
  while (next_of_profile_ < profile_.size()) {
    const auto chunk = profile_[next_of_profile_++];
    if (is_missing(chunk)) return Choice{chunk, false};
  }
  while (options_.fetch_rest && is_idle && next_of_rest_ < chunks_) {
    const auto chunk = next_of_rest_++;
    if (is_missing(chunk)) return Choice{chunk, false};
  }
  return std::nullopt;
}

bool Prefetch::is_done() const {
  return ahead_.empty() && next_of_profile_ >= profile_.size() && (!options_.fetch_rest || next_of_rest_ >= chunks_);
}

}  // namespace rescue::stream
