// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Contract of rescue images as a table: one row a point of docs/image-contract.md, with its check.

#include "core/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::verify {

enum class Kind { windows, standin };
constexpr auto words_of(Kind) { return words<Kind>("windows", "standin"); }

enum class Result { pass, fail, not_applicable };
constexpr auto words_of(Result) { return words<Result>("pass", "fail", "not-applicable"); }

/// Outcome of one check. The detail is a measured value, the reason of a failure, or why the point does not apply.
struct Verdict {
  Result result = Result::pass;
  std::string detail{};
};

inline Verdict passed(std::string detail = {}) { return {Result::pass, std::move(detail)}; }
inline Verdict failed(std::string detail) { return {Result::fail, std::move(detail)}; }
inline Verdict not_applicable(std::string detail) { return {Result::not_applicable, std::move(detail)}; }

class Subject;

struct Point {
  std::string_view number;              ///< "C12"
  std::string_view title;               ///< what the image must do
  std::string_view remedy;              ///< what its builder can do
  std::vector<std::string_view> needs;  ///< points without which this one can't be checked
  Verdict (*check)(Subject& subject);   ///< throws `guest_agent`, `timeout`, `unavailable` for a failure of the guest
  std::optional<Kind> only = std::nullopt;  ///< none: every kind
};

/// All points, in the order of their checks.
[[nodiscard]] const std::vector<Point>& contract();

}  // namespace rescue::verify
