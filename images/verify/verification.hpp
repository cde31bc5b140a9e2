// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verification of an image: every point of the contract has a result, and the results have a form.

#include "core/clock.hpp"
#include "images/verify/contract.hpp"
#include "images/verify/subject.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace rescue::verify {

struct Outcome {
  const Point* point;
  Verdict verdict;
  Milliseconds took{0};
};

struct Verification {
  std::string image;  ///< name and version of the manifest
  std::string version;
  std::string firmware;
  std::string disk_bus;
  Kind kind{};
  WallTime date;
  std::optional<vm::MachineFacts> machine;  ///< none if nothing was booted
  std::vector<Outcome> outcomes;

  [[nodiscard]] bool has_failed() const;
};

struct Hooks {
  std::function<void(const std::string&)> progress;     ///< a line for people
  std::function<void(const Outcome&)> after = nullptr;  ///< called after each point
};

/// Checks the points except those in `left_out` and those that need a point without a pass. Blocks for minutes.
/// Throws for what is not the image's fault: no QEMU, no firmware, no room.
[[nodiscard]] Verification verify(Subject& subject, const std::set<std::string>& left_out, const Hooks& hooks);

/// A table for people.
[[nodiscard]] std::string text_of(const Verification& verification);
[[nodiscard]] nlohmann::ordered_json json_of(const Verification& verification);

/// Writes the results into the manifest's field `contract`; other fields stay. A signature of the manifest is no longer
/// valid afterwards. Throws `precondition` for a manifest of format 1, which has no room for them, and `io`.
void record(const Verification& verification, const std::string& manifest);

}  // namespace rescue::verify
