// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serves reads of a file that is still being fetched: each chunk is verified before any byte of it is handed out.

#include "images/chunks.hpp"
#include "images/stream/chunk_cache.hpp"
#include "images/stream/mirrors.hpp"
#include "images/stream/prefetch.hpp"
#include "images/stream/range_reader.hpp"
#include "images/stream/settings.hpp"
#include "images/stream/status.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace rescue::stream {

/// Thread-safe.
class Streamer {
public:
  /// Opens the cache and reads the boot profile; starts nothing. Throws `io`, `precondition`.
  Streamer(Settings settings, images::ChunkDigests digests);
  ~Streamer();
  Streamer(const Streamer&) = delete;
  Streamer& operator=(const Streamer&) = delete;

  /// Starts the threads: one for each connection, one for the status file.
  void start();
  /// Ends them, and all waiting reads with EIO. Takes a second at most. Idempotent.
  void stop();

  [[nodiscard]] std::uint64_t size() const noexcept { return digests_.file_size(); }
  /// Reads into all of `into`. Returns 0, or EIO if a chunk could not be had within `Settings::read_limit`; it is
  /// fetched further, and the state is `failed` until it is there. Blocks for that limit at most.
  [[nodiscard]] int read(std::uint64_t offset, std::span<char> into);
  [[nodiscard]] Status status() const;

private:
  /// A chunk that is to be fetched, until it is.
  struct Job {
    std::size_t chunk = 0;
    std::uint64_t order = 0;
    bool is_urgent = false;  ///< a read waits for it, or has waited
    bool is_likely = true;   ///< worth the eviction of another chunk
    bool has_failed_a_read = false;
    unsigned faults = 0;
    SteadyTime since{};
    SteadyTime asked_at{};             ///< last request for it
    std::vector<std::size_t> asked{};  ///< mirrors that are sending it; two for a late one that a read waits for
    struct Refusal {
      SteadyTime until{};
      Milliseconds pause{};
    };
    std::map<std::size_t, Refusal> refusals;   ///< by mirror: it has sent this chunk wrong
    std::shared_ptr<const std::string> bytes;  ///< verified; set once
    std::condition_variable arrived;           ///< one for each: a chunk wakes only those that wait for it
  };
  using JobPointer = std::shared_ptr<Job>;
  struct Task {
    JobPointer job;
    std::size_t mirror = 0;
    bool is_late = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  void note_read(std::size_t first, std::size_t last);
  [[nodiscard]] int read_part(std::size_t chunk, std::uint64_t offset, std::span<char> into, const JobPointer& job,
                              SteadyTime deadline);
  JobPointer want(std::size_t chunk);
  [[nodiscard]] std::shared_ptr<const std::string> wait_for(const JobPointer& job, SteadyTime deadline);

  void work();
  [[nodiscard]] std::optional<Task> choose(SteadyTime now);
  [[nodiscard]] JobPointer next_pending(bool urgent, SteadyTime now, std::size_t& mirror);
  [[nodiscard]] JobPointer next_late(SteadyTime now, std::size_t& mirror);
  [[nodiscard]] std::optional<std::size_t> mirror_for(const Job& job, SteadyTime now);
  [[nodiscard]] bool verify_left_over(Lock& lock);
  void note_duration(const std::optional<RangeReader::Fault>& fault, unsigned patience, SteadyTime began);
  [[nodiscard]] std::optional<Task> choose_ahead(SteadyTime now);
  void fetch(const Task& task, RangeReader& reader, Lock& lock);
  void finish(const Task& task, std::string bytes, Lock& lock);
  void note_wrong(const Task& task);
  [[nodiscard]] std::string reason_for(std::size_t chunk) const;

  void report();
  [[nodiscard]] Status status_locked() const;
  void write_record(std::size_t& written) const;

  const Settings settings_;
  const images::ChunkDigests digests_;
  ChunkCache cache_;
  Mirrors mirrors_;
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;
  std::condition_variable work_;    ///< a job is there
  std::condition_variable report_;  ///< the state may have changed
  std::map<std::size_t, JobPointer> jobs_;
  Prefetch prefetch_;
  std::vector<bool> was_read_;
  std::vector<std::size_t> record_;  ///< chunks in the order of their first read
  std::uint64_t next_order_ = 0;
  unsigned ahead_in_flight_ = 0;
  bool has_late_ = false;       ///< one late chunk at a time is asked of two mirrors
  unsigned patience_ = 1;       ///< factor of `Settings::request_limit`: doubles while a mirror sends too slowly for it
  SteadyTime next_transfer_{};  ///< by the limit of bandwidth
  std::uint64_t fetched_bytes_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t failed_reads_ = 0;
  bool report_due_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rescue::stream
