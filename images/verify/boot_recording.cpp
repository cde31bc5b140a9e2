// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/verify/boot_recording.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/unix_socket.hpp"
#include "images/chunks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

namespace rescue::verify {
namespace {

/// Value of "NAME=0x..." in a line.
std::optional<std::uint64_t> hex_field(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto* const begin = line.data() + at + name.size();
  std::uint64_t value = 0;
  constexpr int hexadecimal = 16;
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), value, hexadecimal);
  if (error != std::errc() || end == begin) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::size_t> chunks_in_log(std::string_view log, std::uint64_t chunk_size) {
  std::vector<std::size_t> chunks;
  std::set<std::size_t> seen;
  while (!log.empty()) {
    const auto line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    if (line.find(" Read ") == std::string_view::npos) continue;
    const auto offset = hex_field(line, "offset=0x");
    const auto count = hex_field(line, "count=0x");
    if (!offset || !count || *count == 0) continue;
    for (auto chunk = *offset / chunk_size; chunk <= (*offset + *count - 1) / chunk_size; ++chunk) {
      if (seen.insert(chunk).second) chunks.push_back(chunk);
    }
  }
  return chunks;
}

std::uint64_t chunk_size_of(const images::ImageFile& file, const std::string& folder) {
  if (!file.chunks) return images::ChunkDigests::default_chunk_size;
  return images::ChunkDigests::verified(folder + "/" + file.chunks->name, file.chunks->sha256).chunk_size();
}

BootRecording::BootRecording(const std::string& image, const std::string& scratch)
    : socket_(scratch + "/image.socket"), log_(scratch + "/reads.log") {
  server_ = std::make_unique<vm::ChildProcess>(
      std::vector<std::string>{"nbdkit", "--foreground", "--readonly", "--unix", socket_, "--filter=log", "file",
                               "file=" + std::filesystem::absolute(image).string(), "logfile=" + log_},
      scratch + "/nbdkit.log", std::vector<int>{});
  constexpr Milliseconds limit{10'000};
  constexpr Milliseconds pause{20};
  SystemClock clock;
  const bool serves = poll_until(clock, limit, pause, [&] {
    if (server_->wait(Milliseconds(0))) return true;
    return connect_unix(unix_socket(), socket_) == 0;
  });
  if (serves && !server_->status()) return;
  throw Error(ErrorCode::subprocess, fmt::format("nbdkit does not serve the image: {}", server_->last_words()),
              "Is the package nbdkit installed?");
}

std::vector<std::size_t> BootRecording::chunks(std::uint64_t chunk_size) const {
  std::ifstream file(log_, std::ios::binary);
  const std::string log((std::istreambuf_iterator<char>(file)), {});
  return chunks_in_log(log, chunk_size);
}

}  // namespace rescue::verify
