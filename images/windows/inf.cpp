// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/inf.hpp"

#include "core/text.hpp"
#include "images/windows/inf_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::windows {
namespace {

constexpr std::size_t longest_value = 65'536;

std::string key_of(std::string_view text) { return lower_case(trimmed(text)); }

/// Position of `wanted` outside of quotes; npos if there is none.
std::size_t find_unquoted(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == wanted && !quoted) return i;
  }
  return std::string_view::npos;
}

/// Removes quotes around the text; two in a row are one.
std::string unquoted(std::string_view text) {
  auto inner = trimmed(text);
  if (inner.size() < 2 || inner.front() != '"' || inner.back() != '"') return inner;
  std::string result;
  for (std::size_t i = 1; i + 1 < inner.size(); ++i) {
    result.push_back(inner[i]);
    if (inner[i] == '"' && inner[i + 1] == '"') ++i;
  }
  return result;
}

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = find_unquoted(text, separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::vector<unsigned>> numbers_of(const std::vector<std::string>& texts) {
  std::vector<unsigned> numbers;
  for (const auto& text : texts) {
    const auto number = number_of(text);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

Inf Inf::parse(std::string_view bytes) {
  Inf inf;
  const auto text = utf8_of_windows_text(bytes);
  std::string section;
  std::string joined;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find_first_of("\r\n");
    auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    line = trimmed_view(line.substr(0, find_unquoted(line, ';')));
    if (line.ends_with('\\')) {  // the next line goes on
      joined += trimmed_view(line.substr(0, line.size() - 1));
      if (rest.starts_with('\n')) rest.remove_prefix(1);
      continue;
    }
    joined += line;
    inf.add_line(joined, section);
    joined.clear();
  }
  inf.add_line(joined, section);
  if (const auto strings = inf.sections_.find("strings"); strings != inf.sections_.end()) {
    for (const auto& entry : strings->second) inf.strings_.emplace(entry.key, unquoted(entry.value));
  }
  return inf;
}

void Inf::add_line(std::string_view line, std::string& section) {
  if (line.empty()) return;
  if (line.front() == '[') {
    section = key_of(line.substr(1, line.find(']') - 1));
    sections_[section];
    return;
  }
  const auto equals = find_unquoted(line, '=');
  if (equals == std::string_view::npos) {
    sections_[section].push_back({"", std::string(line)});
  } else {
    sections_[section].push_back({lower_case(unquoted(line.substr(0, equals))), trimmed(line.substr(equals + 1))});
  }
}

std::string Inf::expanded(std::string_view text) const {
  std::string result;
  for (;;) {
    const auto begin = text.find('%');
    const auto end = begin == std::string_view::npos ? begin : text.find('%', begin + 1);
    result += text.substr(0, begin);
    if (end == std::string_view::npos)
      return begin == std::string_view::npos ? result : result + std::string(text.substr(begin));
    const auto name = key_of(text.substr(begin + 1, end - begin - 1));
    if (const auto found = strings_.find(name); name.empty()) {
      result += '%';
    } else {
      result += found != strings_.end() ? found->second : text.substr(begin, end - begin + 1);
    }
    text.remove_prefix(end + 1);
    if (result.size() >= longest_value) return result.substr(0, longest_value);
  }
}

std::optional<std::string> Inf::value(std::string_view section, std::string_view key) const {
  const auto found = sections_.find(key_of(section));
  if (found == sections_.end()) return std::nullopt;
  const auto wanted = key_of(key);
  const auto entry = std::find_if(found->second.begin(), found->second.end(),
                                  [&](const Entry& candidate) { return candidate.key == wanted; });
  if (entry == found->second.end()) return std::nullopt;
  return unquoted(expanded(entry->value));
}

std::vector<std::vector<std::string>> Inf::rows(std::string_view section) const {
  std::vector<std::vector<std::string>> rows;
  const auto found = sections_.find(key_of(section));
  if (found == sections_.end()) return rows;
  for (const auto& entry : found->second) {
    auto& row = rows.emplace_back();
    for (const auto& part : split(entry.value, ',')) row.push_back(unquoted(expanded(part)));
  }
  return rows;
}

std::optional<unsigned> DriverVersion::virtio_build() const {
  constexpr unsigned major = 100;        // since 2022; drivers before it count otherwise
  constexpr unsigned smallest = 10'000;  // build 100
  if (parts.size() != 4 || parts[0] != major || parts[3] < smallest) return std::nullopt;
  return parts[3] / 100;
}

std::optional<DriverVersion> driver_version_of(std::string_view value) {
  const auto fields = split(value, ',');
  if (fields.size() != 2) return std::nullopt;
  auto written_date = fields[0];
  std::replace(written_date.begin(), written_date.end(), '-', '/');
  const auto date = numbers_of(split(written_date, '/'));
  const auto version = numbers_of(split(fields[1], '.'));
  if (!date || date->size() != 3 || !version || version->size() > 4) return std::nullopt;
  const auto month = (*date)[0];
  const auto day = (*date)[1];
  if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  return DriverVersion{fmt::format("{:04}-{:02}-{:02}", (*date)[2], month, day), fields[1], *version};
}

}  // namespace rescue::windows
