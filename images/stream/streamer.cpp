// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/streamer.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "images/stream/boot_profile.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>

namespace rescue::stream {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds poll_pause{50};     ///< while a job has no mirror
constexpr Milliseconds usual_wait{2'000};  ///< of a read; a longer one is reported
constexpr Milliseconds report_pause{1'000};
constexpr unsigned most_patience = 16;

std::vector<std::size_t> profile_of(const Settings& settings, std::size_t chunks) {
  if (settings.profile.empty()) return {};
  const auto text = read_file_if_exists(settings.profile);
  return text ? parse_boot_profile(*text, chunks) : std::vector<std::size_t>{};
}

}  // namespace

Streamer::Streamer(Settings settings, images::ChunkDigests digests)
    : settings_(std::move(settings)), digests_(std::move(digests)),
      cache_(settings_.cache, digests_, settings_.cache_bytes), mirrors_(settings_.mirrors, settings_.longest_pause),
      prefetch_(digests_.count(), profile_of(settings_, digests_.count()),
                {settings_.read_ahead, settings_.fetch_rest}),
      was_read_(digests_.count()) {}

Streamer::~Streamer() { stop(); }

void Streamer::start() {
  for (unsigned index = 0; index < settings_.connections; ++index) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { report(); });
}

void Streamer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [chunk, job] : jobs_) job->arrived.notify_all();
  }
  work_.notify_all();
  report_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

// Readers

int Streamer::read(std::uint64_t offset, std::span<char> into) {
  if (into.empty()) return 0;
  if (offset > size() || into.size() > size() - offset) return EIO;
  const auto deadline = steady_clock::now() + settings_.read_limit;
  const auto last = (offset + into.size() - 1) / digests_.chunk_size();
  note_read(offset / digests_.chunk_size(), last);
  std::deque<JobPointer> window;  // keeps the bytes of the next chunks, which are fetched at once
  for (auto wanted = offset / digests_.chunk_size(); !into.empty();) {
    const auto chunk = offset / digests_.chunk_size();
    for (; wanted <= last && wanted < chunk + settings_.connections; ++wanted) {
      window.push_back(cache_.adopt(wanted) ? nullptr : want(wanted));
    }
    const auto start = offset - digests_.offset_of(chunk);
    const auto part = into.first(std::min<std::uint64_t>(into.size(), digests_.size_of(chunk) - start));
    if (const int error = read_part(chunk, start, part, window.front(), deadline); error != 0) return error;
    window.pop_front();
    into = into.subspan(part.size());
    offset += part.size();
  }
  return 0;
}

void Streamer::note_read(std::size_t first, std::size_t last) {
  const std::lock_guard lock(mutex_);
  ++reads_;
  bool is_planned = false;
  for (auto chunk = first; chunk <= last; ++chunk) {
    if (prefetch_.note_read(chunk)) is_planned = true;
    if (!was_read_[chunk]) record_.push_back(chunk);
    was_read_[chunk] = true;
  }
  if (is_planned) work_.notify_all();
}

int Streamer::read_part(std::size_t chunk, std::uint64_t offset, std::span<char> into, const JobPointer& job,
                        SteadyTime deadline) {
  if (!job && cache_.read(chunk, offset, into)) return 0;
  const auto bytes = wait_for(job ? job : want(chunk), deadline);
  if (!bytes) return EIO;
  std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  return 0;
}

Streamer::JobPointer Streamer::want(std::size_t chunk) {
  const std::lock_guard lock(mutex_);
  auto& job = jobs_[chunk];
  if (!job) {
    job = std::make_shared<Job>();
    job->chunk = chunk;
  }
  if (!job->is_urgent) {
    if (!job->asked.empty()) --ahead_in_flight_;
    job->is_urgent = true;
    job->is_likely = true;
    job->since = steady_clock::now();
    job->order = next_order_++;
  }
  work_.notify_one();
  return job;
}

std::shared_ptr<const std::string> Streamer::wait_for(const JobPointer& job, SteadyTime deadline) {
  Lock lock(mutex_);
  job->arrived.wait_until(lock, deadline, [&] { return job->bytes || stopping_; });
  if (!job->bytes) {
    ++failed_reads_;
    job->has_failed_a_read = true;
    report_due_ = true;
    report_.notify_one();
  }
  return job->bytes;
}

// Workers

void Streamer::work() {
  RangeReader reader({settings_.ca_file, settings_.connect_limit, settings_.request_limit}, stopping_);
  Lock lock(mutex_);
  while (!stopping_) {
    const auto now = steady_clock::now();
    if (now < next_transfer_) {
      work_.wait_until(lock, next_transfer_);
    } else if (const auto task = choose(now)) {
      fetch(*task, reader, lock);
    } else if (!verify_left_over(lock)) {
      const bool has_plans = !prefetch_.is_done() && cache_.has_room();
      work_.wait_for(lock, jobs_.empty() && !has_plans ? report_pause : poll_pause);
    }
  }
}

std::optional<Streamer::Task> Streamer::choose(SteadyTime now) {
  Task task;
  task.job = next_pending(true, now, task.mirror);
  if (!task.job && !has_late_) {
    task.job = next_late(now, task.mirror);
    task.is_late = has_late_ = task.job != nullptr;
  }
  if (!task.job && ahead_in_flight_ < std::max(1U, settings_.connections - 1)) {
    task.job = next_pending(false, now, task.mirror);
    if (!task.job) {
      const auto ahead = choose_ahead(now);
      if (!ahead) return std::nullopt;
      task = *ahead;
    }
    ++ahead_in_flight_;
  }
  if (!task.job) return std::nullopt;
  task.job->asked.push_back(task.mirror);
  task.job->asked_at = now;
  if (settings_.bytes_per_second > 0) {
    const auto length = digests_.size_of(task.job->chunk);
    next_transfer_ = now + std::chrono::microseconds(length * 1'000'000 / settings_.bytes_per_second);
  }
  return task;
}

/// The oldest job that a mirror may be asked for now.
Streamer::JobPointer Streamer::next_pending(bool urgent, SteadyTime now, std::size_t& mirror) {
  std::vector<JobPointer> pending;
  for (const auto& [chunk, job] : jobs_) {
    if (job->asked.empty() && !job->bytes && job->is_urgent == urgent) pending.push_back(job);
  }
  std::sort(pending.begin(), pending.end(), [](const auto& one, const auto& two) { return one->order < two->order; });
  for (const auto& job : pending) {
    if (const auto chosen = mirror_for(*job, now)) {
      mirror = *chosen;
      return job;
    }
  }
  return nullptr;
}

/// A job that a read waits for and that one mirror has been sending for long: another one is asked, too. The first may
/// be a probe of a mirror that is still dead.
Streamer::JobPointer Streamer::next_late(SteadyTime now, std::size_t& mirror) {
  for (const auto& [chunk, job] : jobs_) {
    if (!job->is_urgent || job->bytes || job->asked.size() != 1 || now - job->asked_at < usual_wait) continue;
    if (const auto chosen = mirror_for(*job, now)) {
      mirror = *chosen;
      return job;
    }
  }
  return nullptr;
}

std::optional<std::size_t> Streamer::mirror_for(const Job& job, SteadyTime now) {
  return mirrors_.choose(now, job.is_urgent, [&](std::size_t index) {
    if (std::find(job.asked.begin(), job.asked.end(), index) != job.asked.end()) return false;
    const auto refusal = job.refusals.find(index);
    return refusal == job.refusals.end() || now >= refusal->second.until;
  });
}

std::optional<Streamer::Task> Streamer::choose_ahead(SteadyTime now) {
  const bool is_idle = std::none_of(jobs_.begin(), jobs_.end(), [](const auto& it) { return it.second->is_urgent; });
  // Failed ones are repeated before new ones begin.
  if (jobs_.size() >= std::size_t{2} * settings_.connections) return std::nullopt;
  const auto mirror = mirrors_.choose(now, false, [](std::size_t) { return true; });
  if (!mirror) return std::nullopt;
  const auto choice = prefetch_.next(cache_.has_room(), is_idle && !cache_.has_left_overs(), [this](std::size_t chunk) {
    return jobs_.count(chunk) == 0 && !cache_.has(chunk);
  });
  if (!choice) {
    mirrors_.forget(*mirror);
    return std::nullopt;
  }
  auto job = std::make_shared<Job>();
  job->chunk = choice->chunk;
  job->is_likely = choice->is_likely;
  job->order = next_order_++;
  jobs_[job->chunk] = job;
  return Task{job, *mirror};
}

void Streamer::fetch(const Task& task, RangeReader& reader, Lock& lock) {
  auto& job = *task.job;
  const Range range{digests_.offset_of(job.chunk), digests_.size_of(job.chunk), digests_.file_size()};
  const auto patience = patience_;
  const auto began = steady_clock::now();
  lock.unlock();
  std::string bytes;
  std::optional<RangeReader::Fault> fault;
  bool is_right = false;
  try {
    fault = reader.read(mirrors_.url(task.mirror), range, patience, bytes);
    is_right = !fault && digests_.matches(job.chunk, bytes);
  } catch (const std::exception& error) {
    fault = RangeReader::Fault{error.what()};
  }
  lock.lock();
  if (!job.is_urgent) --ahead_in_flight_;
  job.asked.erase(std::find(job.asked.begin(), job.asked.end(), task.mirror));
  if (task.is_late) has_late_ = false;
  if (is_right) {
    note_duration(fault, patience, began);
    return finish(task, std::move(bytes), lock);
  }
  if (stopping_) return mirrors_.forget(task.mirror);
  note_duration(fault, patience, began);
  ++job.faults;
  job.order = next_order_++;  // others first: the fault may be of this chunk only
  report_due_ = true;
  report_.notify_one();
  if (fault) {
    mirrors_.failed(task.mirror, fault->text, steady_clock::now());
  } else {
    note_wrong(task);
  }
}

void Streamer::finish(const Task& task, std::string bytes, Lock& lock) {
  auto& job = *task.job;
  mirrors_.succeeded(task.mirror, bytes.size());
  fetched_bytes_ += bytes.size();
  if (job.bytes) return;  // of the other mirror that was asked
  job.bytes = std::make_shared<const std::string>(std::move(bytes));
  job.arrived.notify_all();
  if (job.faults > 0 || job.has_failed_a_read) {
    report_due_ = true;
    report_.notify_one();
  }
  // The job stays until the chunk is in the cache: a reader finds it in one of the two.
  const bool is_likely = job.is_likely;
  lock.unlock();
  cache_.store(job.chunk, *job.bytes, is_likely);
  lock.lock();
  jobs_.erase(job.chunk);
}

/// A link on which a chunk takes longer than the limit would never deliver one: the limit doubles, and halves again.
void Streamer::note_duration(const std::optional<RangeReader::Fault>& fault, unsigned patience, SteadyTime began) {
  if (patience != patience_) return;  // of a request that began with another limit
  if (fault && fault->was_arriving) patience_ = std::min(patience_ * 2, most_patience);
  const bool was_quick = steady_clock::now() - began < settings_.request_limit * patience / 4;
  if (!fault && was_quick) patience_ = std::max(1U, patience_ / 2);
}

/// Verifies a chunk of an earlier exporter while nothing is to be fetched; false if there is none.
bool Streamer::verify_left_over(Lock& lock) {
  if (!settings_.fetch_rest) return false;
  lock.unlock();
  const bool was_there = cache_.adopt_next();
  lock.lock();
  return was_there;
}

void Streamer::note_wrong(const Task& task) {
  mirrors_.sent_wrong(task.mirror, task.job->chunk);
  auto& refusal = task.job->refusals[task.mirror];
  refusal.pause = std::min(std::max(refusal.pause * 2, first_pause), settings_.longest_pause);
  refusal.until = steady_clock::now() + refusal.pause;
}

// Reports

std::string Streamer::reason_for(std::size_t chunk) const {
  std::string reason = fmt::format("no mirror delivers chunk {}", chunk);
  const char* separator = ": ";
  for (const auto& mirror : mirrors_.reports()) {
    reason += fmt::format("{}{} {}", separator, mirror.url, mirror.fault.empty() ? "is slow" : mirror.fault);
    separator = "; ";
  }
  return reason;
}

Status Streamer::status() const {
  const std::lock_guard lock(mutex_);
  return status_locked();
}

Status Streamer::status_locked() const {
  Status status;
  status.file_bytes = digests_.file_size();
  status.chunk_bytes = digests_.chunk_size();
  status.chunks = digests_.count();
  const auto cache = cache_.report();
  status.cached_chunks = cache.chunks;
  status.cache_budget_chunks = cache.budget_chunks;
  status.evicted_chunks = cache.evicted;
  status.cache_fault = cache.fault;
  status.complete = cache.verified_chunks == digests_.count();
  status.fetched_bytes = fetched_bytes_;
  status.reads = reads_;
  status.failed_reads = failed_reads_;
  status.pid = ::getpid();
  status.mirrors = mirrors_.reports();
  const auto long_ago = steady_clock::now() - usual_wait;
  for (const auto& [chunk, job] : jobs_) {
    if (!job->is_urgent || job->bytes) continue;
    ++status.waiting_chunks;
    // One fault is no news: another mirror is asked at once.
    const bool is_late = job->has_failed_a_read || job->since < long_ago || job->faults >= mirrors_.count();
    if (!is_late) continue;
    if (status.reason.empty()) status.reason = reason_for(chunk);
    if (status.state == State::serving) status.state = State::waiting;
    if (job->has_failed_a_read) status.state = State::failed;
  }
  return status;
}

void Streamer::report() {
  std::string written;
  std::size_t recorded = 0;
  auto state = State::serving;
  Lock lock(mutex_);
  for (bool is_last = false; !is_last;) {
    is_last = stopping_;
    report_due_ = false;
    const auto status = status_locked();
    lock.unlock();
    if (status.state != state) {
      fmt::print(stderr, "rescue-stream: {}{}{}\n", name_of(status.state), status.reason.empty() ? "" : ": ",
                 status.reason);
      state = status.state;
    }
    try {
      if (const auto text = status_text(status); text != written) {
        write_file_atomically(settings_.status, text, 0644);
        written = text;
      }
      write_record(recorded);
    } catch (const std::exception& error) {
      fmt::print(stderr, "rescue-stream: {}\n", error.what());
    }
    lock.lock();
    if (!is_last) report_.wait_for(lock, report_pause, [this] { return stopping_ || report_due_; });
  }
}

void Streamer::write_record(std::size_t& written) const {
  if (settings_.record.empty()) return;
  std::vector<std::size_t> record;
  {
    const std::lock_guard lock(mutex_);
    record = record_;
  }
  if (record.size() == written) return;
  write_file_atomically(settings_.record, boot_profile_text(record), 0644);
  written = record.size();
}

}  // namespace rescue::stream
