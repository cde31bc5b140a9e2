// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/progress.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace rescue::builder {

Progress::Progress(Clock& clock, std::string image, Output output)
    : clock_(clock), image_(std::move(image)), output_(std::move(output)), terminal_(::isatty(STDERR_FILENO) == 1),
      began_(clock.now()) {}

double Progress::elapsed() const { return std::chrono::duration<double>(clock_.now() - began_).count(); }

void Progress::print(const std::string& text) {
  if (!output_.lines) return;
  fmt::print(stderr, "{}{:8.1f}s  {}\n", terminal_ ? "\r\033[K" : "", elapsed(), text);
}

void Progress::begin(Phase phase) {
  phase_ = phase;
  detail_.clear();
  percent_.reset();
  print(std::string(name_of(phase)));
  write("running", "");
}

void Progress::detail(const std::string& text) {
  if (text == detail_) return;
  detail_ = text;
  percent_.reset();
  print(fmt::format("{}: {}", name_of(phase_), text));
  write("running", "");
}

void Progress::percent(unsigned share) {
  if (percent_ == share) return;
  percent_ = share;
  if (output_.lines && terminal_) {
    fmt::print(stderr, "\r\033[K{:8.1f}s  {}: {} {} %", elapsed(), name_of(phase_), detail_, share);
  }
  if (clock_.now() - written_ >= std::chrono::seconds(1)) write("running", "");
}

void Progress::note(const std::string& text) { print(fmt::format("{}: {}", name_of(phase_), text)); }

void Progress::done() {
  print("done");
  write("done", "");
}

void Progress::failed(const std::string& error) { write("failed", error); }

void Progress::write(const char* state, const std::string& error) {
  written_ = clock_.now();
  if (output_.json_file.empty()) return;
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
  };
  const nlohmann::ordered_json document{{"image", image_},
                                        {"state", state},
                                        {"phase", name_of(phase_)},
                                        {"step", static_cast<unsigned>(phase_) + 1},
                                        {"steps", choices<Phase>().size()},
                                        {"detail", text_or_null(detail_)},
                                        {"percent", percent_ ? nlohmann::ordered_json(*percent_) : nullptr},
                                        {"elapsed_seconds", static_cast<std::uint64_t>(elapsed())},
                                        {"screenshot", text_or_null(screenshot_)},
                                        {"serial_log", text_or_null(serial_log_)},
                                        {"error", text_or_null(error)}};
  constexpr mode_t for_all = 0644;
  try {
    write_file_atomically(output_.json_file, document.dump(2) + "\n", for_all);
  } catch (const Error& failure) {  // a full disk ends the build by its own check, with a better message
    log::warning("the progress file is not written: {}", failure.what());
  }
}

}  // namespace rescue::builder
