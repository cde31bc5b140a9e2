// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// QEMU's control protocol (QMP): commands, their results, and events.

#include "images/vm/line_channel.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <optional>
#include <string>

namespace rescue::vm {

struct Event {
  std::string name;     ///< "SHUTDOWN"
  nlohmann::json data;  ///< an object
};

/// For one thread. Answers come from our QEMU; they are limited to 4 MiB all the same. Of events at most 256 are kept,
/// the newest.
class Qmp {
public:
  static constexpr Milliseconds usual_limit{10'000};

  /// Reads the greeting and negotiates. Throws `hypervisor` if QEMU speaks something else, `unavailable` if it has
  /// ended, `timeout`.
  explicit Qmp(FileDescriptor socket, Milliseconds limit = usual_limit);

  /// Runs a command and returns its result. Throws `hypervisor` with QEMU's reason, `unavailable`, `timeout`. After a
  /// timeout the late answer is ignored.
  nlohmann::json execute(const std::string& command, nlohmann::json arguments = nlohmann::json::object(),
                         Milliseconds limit = usual_limit);
  /// The oldest event that was not taken yet; none after `limit`. Throws `unavailable` when QEMU has ended and no event
  /// is left.
  [[nodiscard]] std::optional<Event> next_event(Milliseconds limit);
  /// QEMU's version: "7.2.22".
  [[nodiscard]] const std::string& version() const { return version_; }

private:
  [[nodiscard]] std::optional<nlohmann::json> receive(SteadyTime deadline);
  /// True if `message` was an event; it is kept.
  bool keep_event(nlohmann::json& message);

  LineChannel channel_;
  std::deque<Event> events_;
  std::uint64_t last_id_ = 0;
  std::string version_;
};

}  // namespace rescue::vm
