// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many connections each address has: one that opens them without end does not take those of the others.

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace rescue::http {

/// Thread-safe. Remembers nobody who has no connection.
class PeerPlaces {
public:
  /// False when the address has `most` already.
  [[nodiscard]] bool take(const std::string& address, std::size_t most);
  /// One that was taken is free again.
  void leave(const std::string& address);

private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> taken_;
};

}  // namespace rescue::http
