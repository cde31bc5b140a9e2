// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/manifest_fields.hpp"

#include "core/printable.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::images {
namespace {

constexpr std::string_view of_names = "abcdefghijklmnopqrstuvwxyz0123456789.-";
constexpr std::string_view of_languages = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/// Number of exactly these digits; -1 if there are others.
int digits_at(std::string_view text, std::size_t from, std::size_t count) {
  int number = 0;
  const auto digits = text.substr(from, count);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// True for "Z" and ".123Z".
bool ends_a_time(std::string_view rest) {
  if (!rest.ends_with('Z')) return false;
  rest.remove_suffix(1);
  if (rest.empty()) return true;
  return rest.size() > 1 && rest.front() == '.' && digits_at(rest, 1, rest.size() - 1) >= 0;
}

}  // namespace

std::string line_in(const Field& field, std::size_t most) {
  auto text = field.text();
  if (text.size() > most) field.fail(fmt::format("must have {} bytes at most", most));
  if (printable(text, most) != text) field.fail("must be one line of visible text, without blanks at its ends");
  return text;
}

std::vector<Field> items_in(const Field& field, std::size_t most) {
  auto items = field.items();
  if (items.size() > most) field.fail(fmt::format("must have {} items at most", most));
  return items;
}

std::vector<std::string> lines_in(const Field& field, std::size_t most) {
  std::vector<std::string> lines;
  for (const auto& item : items_in(field, most)) lines.push_back(line_in(item));
  return lines;
}

std::string name_in(const Field& field) {
  auto name = field.text();
  if (name.size() > 63 || name.find_first_not_of(of_names) != std::string::npos || name.front() == '.' ||
      name.front() == '-') {
    field.fail("must be of lower-case letters, digits, dots and dashes, 63 at most, a letter or digit first");
  }
  return name;
}

std::vector<std::string> languages_in(const Field& field) {
  std::vector<std::string> languages;
  for (const auto& item : items_in(field, 64)) {
    auto tag = item.text();
    if (tag.size() > 35 || tag.find_first_not_of(of_languages) != std::string::npos || tag.front() == '-' ||
        tag.back() == '-') {
      item.fail("must be the tag of a language, such as en-US");
    }
    languages.push_back(std::move(tag));
  }
  return languages;
}

WallTime time_in(const Field& field) {
  using namespace std::chrono;
  const auto text = field.text();
  const auto wrong = [&] { field.fail("must be a time in UTC such as 2026-11-20T10:00:00Z"); };
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() <= form.size() || text.size() > 40) wrong();
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] != '0' && text[at] != form[at]) wrong();
  }
  const auto date = year(digits_at(text, 0, 4)) / month(static_cast<unsigned>(digits_at(text, 5, 2))) /
                    day(static_cast<unsigned>(digits_at(text, 8, 2)));
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  const bool valid = digits_at(text, 0, 4) >= 2000 && digits_at(text, 0, 4) < 2200 && date.ok() && hour >= 0 &&
                     hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (!valid || !ends_a_time(std::string_view(text).substr(form.size()))) wrong();
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

std::string text_of(WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::uint64_t counter_in(const Field& field) {
  constexpr std::int64_t most = std::int64_t{1} << 53;  // JSON's readers keep whole numbers up to there
  return static_cast<std::uint64_t>(field.integer(1, most));
}

unsigned memory_mib_in(const Field& field) { return static_cast<unsigned>(field.integer(256, 64 << 20)); }

unsigned windows_build_in(const Field& field) { return static_cast<unsigned>(field.integer(7600, 999'999)); }

}  // namespace rescue::images
