// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include "core/clock.hpp"
#include "core/log_settings.hpp"
#include "core/printable.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/formatter.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <utility>

namespace rescue::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
  case Level::debug:
    return spdlog::level::debug;
  case Level::info:
    return spdlog::level::info;
  case Level::warning:
    return spdlog::level::warn;
  case Level::error:
    return spdlog::level::err;
  }
  return spdlog::level::info;
}

constexpr std::size_t remembered_lines = 500;

std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt>& memory() {
  static auto sink = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(remembered_lines);
  return sink;
}

thread_local std::string_view current_request;
thread_local const About* innermost = nullptr;
std::atomic<bool> as_json{false};

constexpr auto text_pattern = "%Y-%m-%dT%H:%M:%S.%e %n %l: %v";

Level level_from(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return Level::debug;
  if (level == spdlog::level::info) return Level::info;
  return level == spdlog::level::warn ? Level::warning : Level::error;
}

/// Runs on the thread that logs: its contexts are those of the line.
class JsonFormatter : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    nlohmann::ordered_json body{{"time", rfc3339(std::chrono::time_point_cast<WallTime::duration>(message.time))},
                                {"level", name_of(level_from(message.level))},
                                {"program", std::string_view(message.logger_name.data(), message.logger_name.size())},
                                {"message", std::string_view(message.payload.data(), message.payload.size())}};
    if (!current_request.empty()) body["request"] = current_request;
    for (const auto* about = About::current(); about != nullptr; about = about->outer()) {
      // The innermost wins.
      if (!about->value().empty() && !body.contains(about->key())) body[about->key()] = about->value();
    }
    const auto text = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    line.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

/// Nearly all messages are plain; one that quotes a peer may hold what a terminal would obey.
bool is_plain(std::string_view message) {
  return std::all_of(message.begin(), message.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n'; });
}

}  // namespace

About::About(const char* key, std::string value)
    : key_(key), value_(std::move(value)), outer_(std::exchange(innermost, this)) {}
About::~About() { innermost = outer_; }
const About* About::current() noexcept { return innermost; }

Context::Context(std::string_view request_id) noexcept : outer_(std::exchange(current_request, request_id)) {}
Context::~Context() { current_request = outer_; }

void set_format(Format format) {
  auto& output = spdlog::default_logger()->sinks().front();
  if (format == Format::text) return output->set_pattern(text_pattern);
  // The journal's own sink knows no other format than its own; systemd takes standard error to the journal, too.
  output = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  output->set_formatter(std::make_unique<JsonFormatter>());
  as_json = true;
}

Level level() { return level_from(spdlog::get_level()); }

void set_up(std::string_view program, Level level) {
  as_json = false;
  const std::string name(program);
  const bool under_systemd = std::getenv("JOURNAL_STREAM") != nullptr;
  spdlog::sink_ptr output;
  if (under_systemd) {
    output = std::make_shared<spdlog::sinks::systemd_sink_mt>(name);
  } else {
    output = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  auto logger = std::make_shared<spdlog::logger>(name, spdlog::sinks_init_list{std::move(output), memory()});
  logger->set_pattern(text_pattern);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  set_level(level);
}

std::vector<std::string> recent() {
  auto lines = memory()->last_formatted();
  for (auto& line : lines) line.erase(line.find_last_not_of('\n') + 1);
  return lines;
}

void set_level(Level level) { spdlog::set_level(level_of(level)); }

void write(Level level, std::string_view message) {
  std::string cleaned;
  if (!is_plain(message)) {
    constexpr std::size_t longest = 16'384;
    cleaned = printable_lines(message, longest);
    message = cleaned;
  }
  if (current_request.empty() || as_json) {
    spdlog::log(level_of(level), "{}", message);
  } else {
    spdlog::log(level_of(level), "{} [{}]", message, current_request);
  }
}

}  // namespace rescue::log
