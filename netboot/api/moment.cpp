// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/moment.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::netboot::api {
namespace {

/// Reads from the front of the text; after an error `good` stays false.
class Reader {
public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    const auto part = rest_.substr(0, digits);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    good_ = good_ && part.size() == digits && error == std::errc() && end == part.data() + digits && part[0] != '-';
    rest_.remove_prefix(part.size());
    return value;
  }
  bool take(char wanted) {
    const bool there = !rest_.empty() && rest_.front() == wanted;
    if (there) rest_.remove_prefix(1);
    return there;
  }
  void need(char wanted) { good_ = take(wanted) && good_; }
  /// The digits after the point, as milliseconds.
  int fraction() {
    int milliseconds = 0;
    int weight = 100;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits, weight /= 10) {
      milliseconds += (rest_.front() - '0') * weight;
      rest_.remove_prefix(1);
    }
    good_ = good_ && digits > 0;
    return milliseconds;
  }
  void need_that(bool condition) { good_ = good_ && condition; }
  [[nodiscard]] bool is_done() const { return good_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool good_ = true;
};

std::chrono::minutes offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return {};
  const bool east = reader.take('+');
  if (!east) reader.need('-');
  const auto hours = reader.number(2);
  reader.need(':');
  const auto minutes = reader.number(2);
  reader.need_that(hours < 24 && minutes < 60);
  const std::chrono::minutes distance(hours * 60 + minutes);
  return east ? distance : -distance;
}

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;  ///< any valid moment; WallTime ends in 2262

constexpr Moment earliest = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
constexpr Moment latest = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1) - std::chrono::milliseconds(1);

Moment any_moment_from(std::string_view text) {
  using namespace std::chrono;
  Reader reader(text);
  const year y(reader.number(4));
  reader.need('-');
  const month m(static_cast<unsigned>(reader.number(2)));
  reader.need('-');
  const day d(static_cast<unsigned>(reader.number(2)));
  if (!reader.take('t')) reader.need('T');
  const auto hour = reader.number(2);
  reader.need(':');
  const auto minute = reader.number(2);
  reader.need(':');
  const auto second = reader.number(2);
  const auto fraction = reader.take('.') ? reader.fraction() : 0;
  const auto from_utc = offset(reader);
  reader.need_that((y / m / d).ok() && hour < 24 && minute < 60 && second < 60);
  if (!reader.is_done()) {
    throw Error(ErrorCode::usage, fmt::format("'{}' is no time", text), "Write it as 2026-11-21T08:34:19Z.");
  }
  return sys_days(y / m / d) + hours(hour) + minutes(minute) + seconds(second) + milliseconds(fraction) - from_utc;
}

}  // namespace

WallTime moment_from(std::string_view text) {
  const auto moment = any_moment_from(text);
  if (moment >= earliest && moment <= latest) return moment;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not between 1970 and 2199", text),
              "Write it as 2026-11-21T08:34:19Z; leave it out for no end.");
}

WallTime end_of_span_from(std::string_view text) { return std::clamp(any_moment_from(text), earliest, latest); }

}  // namespace rescue::netboot::api
