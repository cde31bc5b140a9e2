// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/setup_log.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace rescue::builder {
namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::size_t longest_meaning = 200;
constexpr std::size_t most_bytes = std::size_t{1} << 20;

constexpr std::array<std::pair<std::string_view, SetupLine::Kind>, 3> marks{{
    {"setup: phase: ", SetupLine::Kind::phase},
    {"setup: percent: ", SetupLine::Kind::percent},
    {"setup: error: ", SetupLine::Kind::error},
}};

}  // namespace

std::optional<SetupLine> setup_line_of(const std::string& line) {
  for (const auto& [mark, kind] : marks) {
    const auto at = line.find(mark);
    if (at != std::string::npos) return SetupLine{kind, printable(line.substr(at + mark.size()), longest_meaning)};
  }
  return std::nullopt;
}

std::vector<SetupLine> SetupLog::read() {
  if (!file_) file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<SetupLine> lines;
  if (!file_) return lines;
  std::array<char, 65536> buffer{};
  for (std::size_t taken = 0; taken < most_bytes;) {
    const auto count = ::read(file_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot read " + path_, errno);
    if (count == 0) break;
    taken += static_cast<std::size_t>(count);
    offset_ += static_cast<std::uint64_t>(count);
    for (const char byte : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
      if (byte != '\n' && byte != '\r') {
        if (rest_.size() < longest_line) rest_ += byte;
        continue;
      }
      if (auto line = setup_line_of(rest_)) lines.push_back(*std::move(line));
      rest_.clear();
    }
  }
  return lines;
}

}  // namespace rescue::builder
