// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Settings of an export: a JSON file that rescued writes and the nbdkit plugin reads, also after a restart of either.

#include "core/clock.hpp"
#include "core/document.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::stream {

struct Settings {
  std::vector<std::string> mirrors;    ///< URLs of the file, the preferred one first; 1 to 16
  std::string digests;                 ///< path of the file of chunk digests
  std::string digests_sha256;          ///< its SHA-256 in the signed manifest
  std::string cache;                   ///< file that holds verified chunks, on tmpfs (memory), ext4 or xfs
  std::uint64_t cache_bytes = 0;       ///< its budget; 0: the whole file
  std::string status;                  ///< file that the state is written to (status.hpp)
  std::string profile{};               ///< boot profile: what to fetch first; may be missing
  std::string record{};                ///< file that the order of reads is recorded in, as a boot profile; empty: none
  std::string ca_file{};               ///< for https; empty: the system's
  std::uint64_t bytes_per_second = 0;  ///< limit of all transfers together; 0: none
  unsigned connections = 4;            ///< at once, to all mirrors together
  unsigned read_ahead = 4;             ///< chunks that are fetched behind a sequential read
  bool fetch_rest = true;              ///< fetch what nobody has read yet, as long as the cache has room
  /// Limit of a read without a source, then EIO. Less than the 30 s (Linux) or 60 s (Windows) after which a guest
  /// resets its disk: QEMU pauses it before.
  Milliseconds read_limit{15'000};
  Milliseconds connect_limit{3'000};
  Milliseconds request_limit{10'000};  ///< of one chunk from one mirror
  Milliseconds longest_pause{5'000};   ///< between attempts at one mirror, which double from 250 ms

  /// Throws `config_invalid` with file, line and field.
  static Settings parse(const Document& document);
  [[nodiscard]] nlohmann::json json() const;
};

}  // namespace rescue::stream
