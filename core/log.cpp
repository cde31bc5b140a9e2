// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

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

}  // namespace

void set_up(std::string_view program, Level level) {
  const bool under_systemd = std::getenv("JOURNAL_STREAM") != nullptr;
  auto logger =
      under_systemd
          ? std::make_shared<spdlog::logger>(std::string(program),
                                             std::make_shared<spdlog::sinks::systemd_sink_mt>(std::string(program)))
          : std::make_shared<spdlog::logger>(std::string(program), std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %n %l: %v");
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  set_level(level);
}

void set_level(Level level) { spdlog::set_level(level_of(level)); }

void write(Level level, std::string_view message) { spdlog::log(level_of(level), "{}", message); }

}  // namespace rescue::log
