// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file with chunk digests, its mirrors, and an export of it: by the real nbdkit, read over NBD. In builds with
// sanitizers, which nbdkit can't load, the same by calls.

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/stream/export_protocol.hpp"
#include "images/stream/streamer.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/wait_until.hpp"
#include "tests/unit/stream/mirror.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <libnbd.h>
#include <sys/file.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>

namespace rescue::tests {

constexpr std::uint64_t chunk_size = std::uint64_t{64} << 10;
constexpr std::size_t file_size = 5'000'123;  // 77 chunks, the last one shorter

inline std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(20261121);  // NOLINT: the same each time
  std::string bytes;
  bytes.reserve(size + 8);
  while (bytes.size() < size) {
    const auto word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

/// Result of a read: its bytes, or an errno.
struct ReadResult {
  std::string bytes;
  int error = 0;
};

/// A connection to an export, for one thread.
class NbdConnection {
public:
  explicit NbdConnection(const std::string& socket) : handle_(nbd_create()) {
    if (nbd_connect_unix(handle_.get(), socket.c_str()) != 0) ADD_FAILURE() << nbd_get_error();
  }
  [[nodiscard]] ReadResult read(std::uint64_t offset, std::size_t count) {
    ReadResult result{std::string(count, '\0')};
    if (nbd_pread(handle_.get(), result.bytes.data(), count, offset, 0) != 0) result = {{}, nbd_get_errno()};
    return result;
  }
  [[nodiscard]] std::int64_t size() { return nbd_get_size(handle_.get()); }
  [[nodiscard]] bool is_read_only() { return nbd_is_read_only(handle_.get()) == 1; }

private:
  Handle<nbd_handle, nbd_close> handle_;
};

class StreamedFile : public ::testing::Test {
protected:
  StreamedFile() {
    publish(random_bytes(file_size));
    settings_.cache = scratch_.file("cache");
    settings_.status = scratch_.file("status.json");
    settings_.fetch_rest = false;
    settings_.longest_pause = Milliseconds(250);
  }
  ~StreamedFile() override { stop_export(); }

  /// Makes this the file, with digests of its own.
  void publish(std::string content) {
    content_ = std::move(content);
    scratch_.write("file.img", content_);
    const auto digests = images::ChunkDigests::of_file(scratch_.file("file.img"), chunk_size).content();
    settings_.digests = scratch_.write("file.img.chunks", digests);
    settings_.digests_sha256 = images::sha256_of(digests);
  }
  Mirror& add_mirror(std::string content) {
    mirrors_.push_back(std::make_unique<Mirror>(std::move(content)));
    settings_.mirrors.push_back(mirrors_.back()->url());
    return *mirrors_.back();
  }
  Mirror& add_mirror() { return add_mirror(content_); }

  [[nodiscard]] std::string socket() const { return scratch_.file("nbd.sock"); }

  /// Exit code of rescue-export.
  int try_to_start(std::vector<std::string> more = {}) {
    scratch_.write("settings.json", settings_.json().dump());
    Command command;
    command.argv = prefix_;
    more.insert(more.begin(), {RESCUE_EXPORT, "--socket", socket(), "--settings", scratch_.file("settings.json")});
    command.argv.insert(command.argv.end(), more.begin(), more.end());
    const auto completed = run(command);
    message_ = completed.err;
    return completed.status;
  }
  void start_export() {
#ifdef RESCUE_SANITIZED
    streamer_ = std::make_unique<stream::Streamer>(
        settings_, images::ChunkDigests::verified(settings_.digests, settings_.digests_sha256));
    streamer_->start();
#else
    ASSERT_EQ(try_to_start(), stream::exporter::serving) << message_ << log();
#endif
  }
  /// pid of rescue-export; 0 if none holds the lock.
  [[nodiscard]] pid_t exporter_pid() const {
    const auto path = socket() + stream::exporter::lock_suffix;
    const FileDescriptor lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!lock || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return 0;
    return static_cast<pid_t>(std::stol(read_file(path)));
  }
  /// pid of nbdkit, the only child of rescue-export; 0: none.
  [[nodiscard]] pid_t nbdkit_pid() const {
    const auto pid = std::to_string(exporter_pid());
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    pid_t child = 0;
    children >> child;
    return child;
  }
  /// Kills nbdkit, and waits for the next one.
  void crash_nbdkit() const {
    const auto before = nbdkit_pid();
    ASSERT_GT(before, 0);
    ::kill(before, SIGKILL);
    EXPECT_TRUE(wait_until([&] { return nbdkit_pid() > 0 && nbdkit_pid() != before; }));
  }
  [[nodiscard]] std::string uri() const { return "nbd+unix:///?socket=" + socket(); }
  [[nodiscard]] static bool has(const char* program) {
    return run({.argv = {"sh", "-c", "command -v " + std::string(program)}, .input = {}, .environment = {}}).status ==
           0;
  }
  void stop_export() {
    streamer_.reset();
    const auto pid = exporter_pid();
    EXPECT_TRUE(std::filesystem::exists(settings_.digests)) << "somebody has removed " << settings_.digests;
    if (pid == 0) return;
    ::kill(pid, SIGTERM);
    EXPECT_TRUE(wait_until([&] { return exporter_pid() == 0; }));
  }
  [[nodiscard]] std::string log() const {
    return read_file_if_exists(socket() + stream::exporter::log_suffix).value_or("");
  }

  /// On a connection of its own.
  [[nodiscard]] ReadResult read(std::uint64_t offset, std::size_t count) const {
    if (!streamer_) return NbdConnection(socket()).read(offset, count);
    ReadResult result{std::string(count, '\0')};
    result.error = streamer_->read(offset, result.bytes);
    return result;
  }
  void expect_right(std::uint64_t offset, std::size_t count) const {
    const auto result = read(offset, count);
    EXPECT_EQ(result.error, 0) << log();
    EXPECT_TRUE(result.bytes == content_.substr(offset, count)) << "wrong bytes at " << offset;
  }
  void expect_all_right() const { expect_right(0, content_.size()); }

  [[nodiscard]] nlohmann::json status() const {
    const auto text = read_file_if_exists(settings_.status);
    return text ? nlohmann::json::parse(*text) : nlohmann::json{{"state", "none"}};
  }
  /// Number at a path such as "/cache/chunks"; 0 without one.
  [[nodiscard]] unsigned count_at(const char* path) const {
    return status().value(nlohmann::json::json_pointer(path), 0U);
  }
  [[nodiscard]] bool status_becomes(std::string_view state) const {
    return wait_until([&] { return status()["state"] == state; }, Milliseconds(20'000));
  }

  ScratchFolder scratch_;
  std::string content_;
  std::deque<std::unique_ptr<Mirror>> mirrors_;
  stream::Settings settings_;
  std::unique_ptr<stream::Streamer> streamer_;
  std::string message_;
  std::vector<std::string> prefix_;  ///< a program that starts rescue-export, with its arguments
};

}  // namespace rescue::tests
