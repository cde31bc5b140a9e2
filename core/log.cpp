// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
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

}  // namespace

Context::Context(std::string_view request_id) noexcept : outer_(std::exchange(current_request, request_id)) {}
Context::~Context() { current_request = outer_; }

void set_up(std::string_view program, Level level) {
  const std::string name(program);
  const bool under_systemd = std::getenv("JOURNAL_STREAM") != nullptr;
  spdlog::sink_ptr output;
  if (under_systemd) {
    output = std::make_shared<spdlog::sinks::systemd_sink_mt>(name);
  } else {
    output = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  auto logger = std::make_shared<spdlog::logger>(name, spdlog::sinks_init_list{std::move(output), memory()});
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
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
  if (current_request.empty()) {
    spdlog::log(level_of(level), "{}", message);
  } else {
    spdlog::log(level_of(level), "{} [{}]", message, current_request);
  }
}

}  // namespace rescue::log
