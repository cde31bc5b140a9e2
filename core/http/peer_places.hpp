// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts the connections of each address, so that one address can't use up those of the others.

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace rescue::http {

/// Thread-safe. Forgets addresses without a connection.
class PeerPlaces {
public:
  /// Takes a place; false if the address has `most` already.
  [[nodiscard]] bool take(const std::string& address, std::size_t most);
  /// Frees a place.
  void leave(const std::string& address);

private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> taken_;
};

}  // namespace rescue::http
