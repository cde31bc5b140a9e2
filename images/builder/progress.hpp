// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Progress of a build for people (lines on stderr) and for programs (a JSON file).

#include "core/clock.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rescue::builder {

enum class Phase { prepare, answer_medium, target_disk, install, agent, checks, restart, seal, shrink, publish };
constexpr auto words_of(Phase) {
  return words<Phase>("prepare", "answer-medium", "target-disk", "install", "agent", "checks", "restart", "seal",
                      "shrink", "publish");
}
using rescue::name_of;

/// The file is replaced by a rename: a reader never sees half of it. Its fields: image, state (running, done, failed),
/// phase, step, steps, detail, percent (null: unknown), elapsed_seconds, screenshot, serial_log, error.
class Progress {
public:
  struct Output {
    std::string json_file;  ///< empty: none
    bool lines = true;      ///< on stderr
  };
  Progress(Clock& clock, std::string image, Output output);

  void begin(Phase phase);
  /// A step inside the phase: "copying files". The same text again is ignored.
  void detail(const std::string& text);
  /// Share of the phase. In the JSON file at most once a second, on stderr only if it is a terminal.
  void percent(unsigned share);
  void show_screenshot(const std::string& path) { screenshot_ = path; }
  void show_serial_log(const std::string& path) { serial_log_ = path; }
  /// A remark that is no step.
  void note(const std::string& text);
  void done();
  void failed(const std::string& error);

private:
  void print(const std::string& text);
  void write(const char* state, const std::string& error);
  [[nodiscard]] double elapsed() const;

  Clock& clock_;
  std::string image_;
  Output output_;
  bool terminal_;
  SteadyTime began_;
  SteadyTime written_{};
  Phase phase_ = Phase::prepare;
  std::string detail_;
  std::optional<unsigned> percent_;
  std::string screenshot_;
  std::string serial_log_;
};

}  // namespace rescue::builder
