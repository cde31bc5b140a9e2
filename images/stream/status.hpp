// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State of an export in a file, for rescued: whether the guest waits for data, and why.

#include "core/words.hpp"
#include "images/stream/mirrors.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::stream {

enum class State {
  serving,  ///< reads are answered
  waiting,  ///< a read waits longer than usual: `reason`
  failed,   ///< a read was answered with EIO, and its chunk is still missing: the guest is paused
};
constexpr auto words_of(State) { return words<State>("serving", "waiting", "failed"); }
using rescue::name_of;

struct Status {
  int pid = 0;  ///< of the process that serves
  State state = State::serving;
  std::string reason;  ///< empty while serving
  std::uint64_t file_bytes = 0;
  std::uint64_t chunk_bytes = 0;
  std::uint64_t chunks = 0;
  std::uint64_t cached_chunks = 0;
  std::uint64_t cache_budget_chunks = 0;
  std::uint64_t evicted_chunks = 0;
  std::string cache_fault;
  std::uint64_t fetched_bytes = 0;  ///< of right chunks
  std::uint64_t reads = 0;
  std::uint64_t failed_reads = 0;
  std::uint64_t waiting_chunks = 0;
  bool complete = false;  ///< the cache holds the whole file: no mirror is needed any more
  std::vector<MirrorReport> mirrors;
};

/// The content of the status file: JSON.
[[nodiscard]] std::string status_text(const Status& status);

/// State and reason in a status file; none if it does not exist or is not one.
struct StatusSummary {
  State state = State::serving;
  std::string reason;
  std::uint64_t failed_reads = 0;
  bool complete = false;
  int pid = 0;
};
[[nodiscard]] std::optional<StatusSummary> read_status(const std::string& path);

}  // namespace rescue::stream
