// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// State of the mirrors: which one to ask next, and how long one that failed is left alone.

#include "core/clock.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rescue::stream {

constexpr Milliseconds first_pause{250};  ///< after a fault; each further one doubles it

struct MirrorReport {
  std::string url;
  std::string fault;  ///< of the last request; empty: it worked, or there was none
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;         ///< of right chunks
  std::uint64_t failures = 0;      ///< requests without a chunk
  std::uint64_t wrong_chunks = 0;  ///< chunks with another digest
};

/// Thread-safe. Times are the caller's, so that a test needs no pauses.
class Mirrors {
public:
  Mirrors(std::vector<std::string> urls, Milliseconds longest_pause);

  /// Returns a mirror to ask now, among those that `allows`; none if all are left alone. An urgent request gets the
  /// first one that works; another request may also probe one that failed, one at a time.
  [[nodiscard]] std::optional<std::size_t> choose(SteadyTime now, bool urgent,
                                                  const std::function<bool(std::size_t)>& allows);
  /// The outcome of a request that `choose` has returned.
  void succeeded(std::size_t mirror, std::uint64_t bytes);
  void failed(std::size_t mirror, const std::string& fault, SteadyTime now);
  /// Does not keep other chunks from being fetched there; after three in a row other mirrors come first.
  void sent_wrong(std::size_t mirror, std::size_t chunk);
  /// Forgets a request that was not sent, or was stopped.
  void forget(std::size_t mirror);

  [[nodiscard]] std::size_t count() const noexcept { return mirrors_.size(); }
  [[nodiscard]] const std::string& url(std::size_t mirror) const { return mirrors_[mirror].report.url; }
  [[nodiscard]] std::vector<MirrorReport> reports() const;

private:
  struct Mirror {
    MirrorReport report;
    unsigned failures_in_a_row = 0;
    unsigned wrong_in_a_row = 0;
    Milliseconds pause{};
    SteadyTime next{};
    unsigned in_flight = 0;
  };

  mutable std::mutex mutex_;
  std::vector<Mirror> mirrors_;  ///< their number and URLs do not change
  Milliseconds longest_pause_;
};

}  // namespace rescue::stream
