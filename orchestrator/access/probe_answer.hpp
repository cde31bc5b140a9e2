// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What rescue-access-probe answers, as rescued reads it: one JSON object without anything nested. A guest may have
// taken the program over, so its answer is a stranger's.

#include "orchestrator/domain/access.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::access {

/// Bytes of an answer: three texts of 500 bytes, each of which JSON may write as six.
inline constexpr std::size_t largest_answer = std::size_t{16} << 10U;

/// For people: what is wrong with an answer, or nothing when there is a result.
template <class Result>
struct Answer {
  std::optional<Result> result;
  std::string fault;
};

[[nodiscard]] std::string answer_of(const domain::SshResult& result);
/// Without the proof: that is for rescued to say.
[[nodiscard]] std::string answer_of(const domain::RdpResult& result);

/// The inverse of answer_of for any bytes whatever. A result is one that the proof can come to: each member is there
/// and nothing else, fingerprints have their shape, and a problem is said unless there is none. Texts are printable,
/// 500 bytes at most. Throws nothing but std::bad_alloc.
[[nodiscard]] Answer<domain::SshResult> read_ssh_answer(std::string_view text);
[[nodiscard]] Answer<domain::RdpResult> read_rdp_answer(std::string_view text);

}  // namespace rescue::access
