// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verified chunks in a sparse file: on tmpfs it is memory, on a disk it is a cache, and it survives the exporter.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "images/chunks.hpp"

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::stream {

/// Thread-safe. Each chunk is at its own offset; an evicted chunk becomes a hole. Chunks of an earlier exporter are
/// verified before they are served, and on a disk every chunk at every read: only memory is trusted.
class ChunkCache {
public:
  /// `digests` outlives this. `budget` in bytes, at least 8 chunks; 0: the whole file. Locks the file: blocks for
  /// `lock_limit` at most while an earlier exporter ends its last reads. Throws `conflict` if it does not end; `io`;
  /// `precondition` if the file system has no holes.
  ChunkCache(const std::string& path, const images::ChunkDigests& digests, std::uint64_t budget,
             Milliseconds lock_limit = Milliseconds(15'000));

  /// Copies a part of a chunk; false if the chunk is not there.
  [[nodiscard]] bool read(std::size_t chunk, std::uint64_t offset, std::span<char> into);
  /// True if the chunk is there, verified or left by an earlier exporter.
  [[nodiscard]] bool has(std::size_t chunk) const;
  /// True if the chunk is there and verified. Verifies it if an earlier exporter has left it; drops a wrong one.
  [[nodiscard]] bool adopt(std::size_t chunk);
  /// Verifies one chunk that an earlier exporter has left, as `adopt`; false if none is left.
  [[nodiscard]] bool adopt_next();
  [[nodiscard]] bool has_left_overs() const;
  /// Stores verified bytes. Without room it evicts the chunk that was read least recently, or with `evict` false does
  /// nothing. A failed write is reported and drops the chunk; a full file system lowers the budget to what fits.
  void store(std::size_t chunk, std::string_view bytes, bool evict);
  [[nodiscard]] bool has_room() const;

  struct Report {
    std::uint64_t chunks = 0;  ///< without those that are being written
    std::uint64_t verified_chunks = 0;
    std::uint64_t budget_chunks = 0;
    std::uint64_t evicted = 0;
    std::string fault;  ///< of the last failed write or read; empty: none
  };
  [[nodiscard]] Report report() const;

private:
  enum class State : std::uint8_t { absent, left_over, writing, verified };
  struct Slot {
    State state = State::absent;
    std::uint16_t pins = 0;  ///< readers that copy from it now
    std::uint64_t last_used = 0;
  };

  void lock(Milliseconds limit) const;
  void find_left_overs();
  void drop_locked(std::size_t chunk);
  [[nodiscard]] bool evict_locked();
  [[nodiscard]] bool copy(std::size_t chunk, std::uint64_t offset, std::span<char> into) const;

  std::string path_;
  const images::ChunkDigests& digests_;
  FileDescriptor file_;
  bool is_memory_ = false;
  std::size_t budget_;  ///< in chunks

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::size_t left_overs_ = 0;
  std::size_t next_left_over_ = 0;  ///< none before it
  std::uint64_t time_ = 0;
  std::uint64_t evicted_ = 0;
  std::string fault_;
};

}  // namespace rescue::stream
