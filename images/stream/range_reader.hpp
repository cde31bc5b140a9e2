// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads ranges of files from web servers over kept connections, and believes no server that ignores the range.

#include "core/clock.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::stream {

/// "bytes 0-99/1000" (RFC 9110, 14.4); `total` is none for "*".
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
};
/// None if the text is not in this form.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint64_t file_size = 0;  ///< a server that reports another size has another file
};

/// For one thread. core/http/client opens a connection for each request; this keeps one to each server.
class RangeReader {
public:
  struct Options {
    std::string ca_file;
    Milliseconds connect_limit{3'000};
    Milliseconds request_limit{10'000};
  };
  /// `stopped` ends a request within a second.
  RangeReader(Options options, const std::atomic<bool>& stopped);
  ~RangeReader();
  RangeReader(const RangeReader&) = delete;
  RangeReader& operator=(const RangeReader&) = delete;

  struct Fault {
    std::string text;           ///< printable, of limited length
    bool was_arriving = false;  ///< the limit has passed while the server was still sending
  };
  /// Reads a range into `bytes`. Returns the fault, or none if exactly this range came. Blocks for `patience` times
  /// `request_limit` at most, and for `request_limit` if nothing arrives. The bytes are not verified.
  [[nodiscard]] std::optional<Fault> read(const std::string& url, const Range& range, unsigned patience,
                                          std::string& bytes);

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rescue::stream
