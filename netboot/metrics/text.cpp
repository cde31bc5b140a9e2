// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/metrics/text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace rescue::netboot::metrics {
namespace {

constexpr double microseconds = 1e6;

void append_labels(std::string& text, const Labels& labels) {
  if (labels.empty()) return;
  char separator = '{';
  for (const auto& [name, value] : labels) {
    fmt::format_to(std::back_inserter(text), "{}{}=\"", separator, name);
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
    separator = ',';
  }
  text += '}';
}

}  // namespace

void Text::head(std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Text::sample(std::string_view name, const Labels& labels, double value) {
  text_ += name;
  append_labels(text_, labels);
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void Text::histogram(std::string_view name, const Labels& labels, const Histogram::Values& values) {
  const auto bucket_name = fmt::format("{}_bucket", name);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < values.counts.size(); ++i) {
    count += values.counts[i];
    const auto bound = i < Histogram::bounds.size()
                           ? fmt::format("{}", static_cast<double>(Histogram::bounds[i]) / microseconds)
                           : "+Inf";
    auto of_bucket = labels;
    of_bucket.emplace_back("le", bound);
    sample(bucket_name, of_bucket, static_cast<double>(count));
  }
  sample(fmt::format("{}_sum", name), labels, static_cast<double>(values.sum) / microseconds);
  sample(fmt::format("{}_count", name), labels, static_cast<double>(count));
}

}  // namespace rescue::netboot::metrics
