// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes Prometheus' text format, version 0.0.4.

#include "core/histogram.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::netboot::metrics {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

/// Writes the head of a name; its samples follow.
class Text {
public:
  void head(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, const Labels& labels, double value);
  void histogram(std::string_view name, const Labels& labels, const Histogram::Values& values);
  [[nodiscard]] std::string take() && { return std::move(text_); }

private:
  std::string text_;
};

}  // namespace rescue::netboot::metrics
