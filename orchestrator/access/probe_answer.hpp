// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answer of rescue-access-probe, and how rescued parses it: one flat JSON object. A guest may have compromised the
// program, so its answer is not trusted.

#include "orchestrator/domain/access.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::access {

/// Limit of an answer in bytes: three texts of 500 bytes, each of which JSON may write as six, and 4 KiB of a host key.
inline constexpr std::size_t largest_answer = std::size_t{16} << 10U;

/// Fault of an answer, for people; empty if there is a result.
template <class Result>
struct Answer {
  std::optional<Result> result;
  std::string fault;
};

[[nodiscard]] std::string answer_of(const domain::SshResult& result);
/// Answer without the proof: rescued decides on that.
[[nodiscard]] std::string answer_of(const domain::RdpResult& result);

/// Inverse of answer_of for any bytes. Accepts only possible results: no member is missing, none is unknown,
/// fingerprints have the right form, and readiness and problem fit. Texts are printable, at most 500 bytes. Throws only
/// std::bad_alloc.
[[nodiscard]] Answer<domain::SshResult> read_ssh_answer(std::string_view text);
[[nodiscard]] Answer<domain::RdpResult> read_rdp_answer(std::string_view text);

}  // namespace rescue::access
