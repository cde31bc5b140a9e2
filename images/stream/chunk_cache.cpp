// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/chunk_cache.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/falloc.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rescue::stream {
namespace {

constexpr std::size_t least_chunks = 8;

bool punch(int fd, std::uint64_t offset, std::uint64_t length) {
  return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                     static_cast<off_t>(length)) == 0;
}

/// Reads `into` completely; sets errno if it does not.
bool read_all(int fd, std::uint64_t offset, std::span<char> into) {
  while (!into.empty()) {
    const auto count = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return true;
}

/// Writes `bytes` completely; sets errno if it does not.
bool write_all(int fd, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return true;
}

}  // namespace

ChunkCache::ChunkCache(const std::string& path, const images::ChunkDigests& digests, std::uint64_t budget,
                       Milliseconds lock_limit)
    : path_(path), digests_(digests), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)),
      budget_(budget == 0 ? digests.count() : std::max<std::size_t>(budget / digests.chunk_size(), least_chunks)),
      slots_(digests.count()) {
  if (!file_) throw system_error("cannot open the cache " + path, errno, "Check that its folder exists.");
  lock(lock_limit);
  const auto size = static_cast<off_t>(digests.file_size());
  struct stat status {};
  struct statfs system {};
  if (::fstat(file_.get(), &status) != 0 || ::fstatfs(file_.get(), &system) != 0) {
    throw system_error("cannot use the cache " + path, errno);
  }
  is_memory_ = system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
  if (status.st_size != size && (::ftruncate(file_.get(), 0) != 0 || ::ftruncate(file_.get(), size) != 0)) {
    throw system_error("cannot size the cache " + path, errno, "Use a file system that has sparse files.");
  }
  find_left_overs();
}

void ChunkCache::lock(Milliseconds limit) const {
  constexpr Milliseconds pause{20};
  SystemClock clock;
  if (poll_until(clock, limit, pause, [this] { return ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0; })) return;
  throw Error(ErrorCode::conflict, "another exporter uses the cache " + path_,
              "End it, or name another file for the cache.");
}

void ChunkCache::find_left_overs() {
  const auto size = static_cast<off_t>(digests_.file_size());
  std::vector<bool> is_data(digests_.count());
  for (off_t at = 0; at < size;) {
    const auto begin = ::lseek(file_.get(), at, SEEK_DATA);
    if (begin < 0) break;
    const auto end = ::lseek(file_.get(), begin, SEEK_HOLE);
    if (end < 0) break;
    auto chunk = (static_cast<std::uint64_t>(begin) + digests_.chunk_size() - 1) / digests_.chunk_size();
    for (; chunk < is_data.size() &&
           digests_.offset_of(chunk) + digests_.size_of(chunk) <= static_cast<std::uint64_t>(end);
         ++chunk) {
      is_data[chunk] = true;
    }
    at = end;
  }
  for (std::size_t chunk = 0; chunk < slots_.size(); ++chunk) {
    if (is_data[chunk] && used_ < budget_) {
      slots_[chunk].state = State::left_over;
      ++left_overs_;
      ++used_;
    } else if (!punch(file_.get(), digests_.offset_of(chunk), digests_.size_of(chunk))) {
      throw Error(ErrorCode::precondition,
                  fmt::format("the file system of {} can't make holes: {}", path_, std::strerror(errno)),
                  "Put the cache on tmpfs, ext4 or xfs.");
    }
  }
}

bool ChunkCache::copy(std::size_t chunk, std::uint64_t offset, std::span<char> into) const {
  if (is_memory_) return read_all(file_.get(), digests_.offset_of(chunk) + offset, into);
  std::string bytes(digests_.size_of(chunk), '\0');
  if (!read_all(file_.get(), digests_.offset_of(chunk), bytes)) return false;
  if (!digests_.matches(chunk, bytes)) {
    errno = EBADMSG;
    return false;
  }
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
  return true;
}

bool ChunkCache::read(std::size_t chunk, std::uint64_t offset, std::span<char> into) {
  {
    const std::lock_guard lock(mutex_);
    auto& slot = slots_[chunk];
    if (slot.state != State::verified) return false;
    ++slot.pins;
    slot.last_used = ++time_;
  }
  const bool copied = copy(chunk, offset, into);
  const int error = copied ? 0 : errno;
  const std::lock_guard lock(mutex_);
  auto& slot = slots_[chunk];
  --slot.pins;
  if (copied) return true;
  fault_ = fmt::format("cannot read chunk {} of the cache: {}", chunk, std::strerror(error));
  if (slot.pins == 0 && slot.state == State::verified) drop_locked(chunk);
  return false;
}

bool ChunkCache::has(std::size_t chunk) const {
  const std::lock_guard lock(mutex_);
  return slots_[chunk].state != State::absent;
}

bool ChunkCache::adopt(std::size_t chunk) {
  // Locked throughout: a second reader of this chunk waits for the result. It happens once per chunk and restart.
  const std::lock_guard lock(mutex_);
  auto& slot = slots_[chunk];
  if (slot.state != State::left_over) return slot.state == State::verified;
  std::string bytes(digests_.size_of(chunk), '\0');
  if (!read_all(file_.get(), digests_.offset_of(chunk), bytes) || !digests_.matches(chunk, bytes)) {
    drop_locked(chunk);
    return false;
  }
  --left_overs_;
  slot.state = State::verified;
  slot.last_used = ++time_;
  return true;
}

bool ChunkCache::adopt_next() {
  std::size_t chunk = 0;
  {
    const std::lock_guard lock(mutex_);
    if (left_overs_ == 0) return false;
    while (slots_[next_left_over_].state != State::left_over) ++next_left_over_;
    chunk = next_left_over_;
  }
  (void)adopt(chunk);
  return true;
}

bool ChunkCache::has_left_overs() const {
  const std::lock_guard lock(mutex_);
  return left_overs_ > 0;
}

void ChunkCache::drop_locked(std::size_t chunk) {
  if (slots_[chunk].state == State::left_over) --left_overs_;
  slots_[chunk].state = State::absent;
  --used_;
  // A hole that can't be made takes memory; the chunk is not served from it.
  if (!punch(file_.get(), digests_.offset_of(chunk), digests_.size_of(chunk))) {
    fault_ = fmt::format("cannot free chunk {} of the cache: {}", chunk, std::strerror(errno));
  }
}

bool ChunkCache::evict_locked() {
  auto oldest = slots_.size();
  for (std::size_t chunk = 0; chunk < slots_.size(); ++chunk) {
    const auto& slot = slots_[chunk];
    if (slot.pins > 0 || (slot.state != State::verified && slot.state != State::left_over)) continue;
    if (oldest == slots_.size() || slot.last_used < slots_[oldest].last_used) oldest = chunk;
  }
  if (oldest == slots_.size()) return false;
  drop_locked(oldest);
  ++evicted_;
  return true;
}

void ChunkCache::store(std::size_t chunk, std::string_view bytes, bool evict) {
  {
    const std::lock_guard lock(mutex_);
    auto& slot = slots_[chunk];
    if (slot.pins > 0 || slot.state == State::verified || slot.state == State::writing) return;
    if (slot.state == State::left_over) drop_locked(chunk);
    while (used_ >= budget_) {
      if (!evict || !evict_locked()) return;
    }
    slot.state = State::writing;
    ++used_;
  }
  const bool written = write_all(file_.get(), digests_.offset_of(chunk), bytes);
  const int error = written ? 0 : errno;
  const std::lock_guard lock(mutex_);
  slots_[chunk].state = State::verified;
  slots_[chunk].last_used = ++time_;
  if (written) return;
  drop_locked(chunk);
  fault_ = fmt::format("cannot write chunk {} to the cache: {}", chunk, std::strerror(error));
  // From now on old chunks make room for new ones, as within a budget; nothing is fetched that can't be kept.
  if (error == ENOSPC || error == EDQUOT) budget_ = std::min(budget_, used_);
}

bool ChunkCache::has_room() const {
  const std::lock_guard lock(mutex_);
  return used_ < budget_;
}

ChunkCache::Report ChunkCache::report() const {
  const std::lock_guard lock(mutex_);
  Report report{0, 0, budget_, evicted_, fault_};
  for (const auto& slot : slots_) {
    if (slot.state == State::verified) ++report.verified_chunks;
    if (slot.state == State::verified || slot.state == State::left_over) ++report.chunks;
  }
  return report;
}

}  // namespace rescue::stream
