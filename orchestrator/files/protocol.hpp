// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages between rescue-files, which reads a volume, and who asks it. Neither end trusts the other.
//
// A message is its length (4 bytes, little endian), and that many bytes: a byte that says which it is, then its fields
// in the order of the structs below, little endian. A text at the end takes the rest, another one has its length before
// it (2 bytes). A request has one answer; a list has any number of `entries` before its `done` or `failed`.

#include "core/disk/file_entry.hpp"
#include "core/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::files {

inline constexpr std::size_t largest_request = 128U << 10U;
inline constexpr std::size_t largest_read = 1U << 20U;
inline constexpr std::size_t largest_answer = largest_read + 16;
inline constexpr std::size_t length_bytes = 4;  ///< before each message

enum class Operation : std::uint8_t { volume, stat, list, open, read, close };

struct Request {
  Operation operation = Operation::volume;
  std::uint32_t handle = 0;  ///< `read`, `close`
  std::uint64_t offset = 0;  ///< `read`
  std::uint32_t length = 0;  ///< `read`: 1 to `largest_read`
  std::string path;          ///< `stat`, `list`, `open`: '/' between names
  friend bool operator==(const Request&, const Request&) = default;
};

enum class AnswerKind : std::uint8_t { volume, entries, handle, data, done, failed };

/// State of the volume: what a reader should know of it.
struct VolumeState {
  bool dirty = false;
  bool journal_unclean = false;
  bool hibernated = false;
  friend bool operator==(const VolumeState&, const VolumeState&) = default;
};

struct Answer {
  AnswerKind kind = AnswerKind::done;
  VolumeState volume;                    ///< `volume`
  std::vector<disk::FileEntry> entries;  ///< `entries`: of a list; one of `stat`. `handle`: one, the file's
  std::uint32_t handle = 0;              ///< `handle`
  ErrorCode code = ErrorCode::internal;  ///< `failed`
  std::string bytes;                     ///< `data`: fewer than asked for at the end only; `failed`: message
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Message with its length.
[[nodiscard]] std::string encode(const Request& request);
[[nodiscard]] std::string encode(const Answer& answer);

/// Throw `io` for a message (without its length) that is none.
[[nodiscard]] Request decode_request(std::string_view message);
[[nodiscard]] Answer decode_answer(std::string_view message);

/// Length of a message by the bytes before it. Throws `io` if it is 0 or more than `most`.
[[nodiscard]] std::size_t length_of(std::string_view prefix, std::size_t most);

}  // namespace rescue::files
