// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The order in which chunks are fetched that nobody waits for yet: read-ahead, the boot profile, then the rest.

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace rescue::stream {

/// Not thread-safe.
class Prefetch {
public:
  struct Options {
    unsigned read_ahead = 4;
    bool fetch_rest = true;
  };
  Prefetch(std::size_t chunks, std::vector<std::size_t> profile, Options options)
      : chunks_(chunks), profile_(std::move(profile)), options_(options) {}

  /// Notes that the guest reads a chunk. A read that continues an earlier one plans the chunks behind it: true then.
  bool note_read(std::size_t chunk);

  struct Choice {
    std::size_t chunk = 0;
    bool is_likely = true;  ///< read-ahead: worth the eviction of another chunk
  };
  /// Returns the next chunk for which `is_missing`. Without `has_room` only read-ahead; the rest only while `is_idle`.
  [[nodiscard]] std::optional<Choice> next(bool has_room, bool is_idle,
                                           const std::function<bool(std::size_t)>& is_missing);
  /// True if the profile and the rest were all handed out.
  [[nodiscard]] bool is_done() const;

private:
  std::size_t chunks_;
  std::vector<std::size_t> profile_;
  Options options_;
  std::deque<std::size_t> ahead_;
  std::deque<std::size_t> ends_;  ///< where the last sequential reads go on
  std::size_t next_of_profile_ = 0;
  std::size_t next_of_rest_ = 0;
};

}  // namespace rescue::stream
