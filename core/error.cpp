// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <array>
#include <system_error>
#include <utility>

namespace rescue {
namespace {

constexpr std::array<std::pair<ErrorCode, std::string_view>, 24> names{{
    {ErrorCode::usage, "usage"},
    {ErrorCode::config_invalid, "config-invalid"},
    {ErrorCode::precondition, "precondition"},
    {ErrorCode::not_found, "not-found"},
    {ErrorCode::conflict, "conflict"},
    {ErrorCode::timeout, "timeout"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::denied, "denied"},
    {ErrorCode::bmc_denied, "bmc-denied"},
    {ErrorCode::token_expired, "token-expired"},
    {ErrorCode::token_revoked, "token-revoked"},
    {ErrorCode::too_many_requests, "too-many-requests"},
    {ErrorCode::io, "io"},
    {ErrorCode::subprocess, "subprocess"},
    {ErrorCode::image_untrusted, "image-untrusted"},
    {ErrorCode::disk, "disk"},
    {ErrorCode::hypervisor, "hypervisor"},
    {ErrorCode::network, "network"},
    {ErrorCode::guest_agent, "guest-agent"},
    {ErrorCode::access_unproven, "access-unproven"},
    {ErrorCode::interrupted, "interrupted"},
    {ErrorCode::cancelled, "cancelled"},
    {ErrorCode::rollback_incomplete, "rollback-incomplete"},
    {ErrorCode::internal, "internal"},
}};

void collect(const std::exception& error, ErrorReport& report, bool outermost) {
  if (outermost) {
    report.message = error.what();
  } else {
    report.causes.emplace_back(error.what());
  }
  if (const auto* ours = dynamic_cast<const Error*>(&error)) {
    if (outermost) report.code = ours->code();
    if (report.hint.empty()) report.hint = ours->hint();
  }
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& nested) {
    collect(nested, report, false);
  } catch (...) {
    report.causes.emplace_back("unknown error");
  }
}

}  // namespace

std::string_view name_of(ErrorCode code) noexcept {
  for (const auto& [candidate, name] : names) {
    if (candidate == code) return name;
  }
  return "internal";
}

ErrorCode error_code_of(std::string_view name) noexcept {
  for (const auto& [code, candidate] : names) {
    if (candidate == name) return code;
  }
  return ErrorCode::internal;
}

int exit_code_of(ErrorCode code) noexcept {
  switch (code) {
  case ErrorCode::usage:
    return 2;
  case ErrorCode::config_invalid:
  case ErrorCode::precondition:
  case ErrorCode::image_untrusted:
    return 3;
  case ErrorCode::timeout:
    return 4;
  case ErrorCode::rollback_incomplete:
    return 5;
  default:
    return 1;
  }
}

std::string ErrorReport::one_line() const {
  std::string line = message;
  for (const auto& cause : causes) line += ": " + cause;
  return line;
}

ErrorReport report_of(const std::exception& error) {
  ErrorReport report;
  collect(error, report, true);
  return report;
}

Error system_error(const std::string& what, int error_number, std::string hint) {
  return {ErrorCode::io, what + ": " + std::generic_category().message(error_number), std::move(hint)};
}

}  // namespace rescue
