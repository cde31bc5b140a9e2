// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/pages.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/http/client.hpp"
#include "netboot/api/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t usual_limit = 100;
constexpr std::size_t largest_limit = 1000;
constexpr std::string_view mark = "after:";  ///< distinguishes cursors from other text

}  // namespace

void require_known(const http::Request& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(ErrorCode::usage, fmt::format("the query's '{}' is not known here", name),
                known.size() == 0 ? std::string("This takes no query.")
                                  : fmt::format("Known here: {}.", fmt::join(known, ", ")));
  }
}

std::string parameter(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string{} : found->second;
}

std::string one_of(const std::string& value, std::span<const std::string_view> known, const char* name) {
  if (std::find(known.begin(), known.end(), value) != known.end()) return value;
  throw Error(ErrorCode::usage,
              fmt::format("the query's {} '{}' is not one of {}", name, value, fmt::join(known, ", ")));
}

bool flag_from(const http::Request& request, const char* name, bool fallback) {
  static constexpr std::array<std::string_view, 2> words{"true", "false"};
  const auto found = request.query.find(name);
  return found == request.query.end() ? fallback : one_of(found->second, words, name) == words[0];
}

bool is_forced(const http::Request& request) { return flag_from(request, "force"); }

std::size_t page_limit(const http::Request& request) {
  const auto text = parameter(request, "limit");
  if (text.empty()) return usual_limit;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size() && limit >= 1 && limit <= largest_limit) return limit;
  throw Error(ErrorCode::usage,
              fmt::format("the query's limit '{}' is not a number from 1 to {}", text, largest_limit));
}

std::string page_start(const http::Request& request) {
  const auto text = parameter(request, "cursor");
  if (text.empty()) return {};
  const auto opened = bytes_of_base64(text).value_or("");
  if (opened.starts_with(mark)) return opened.substr(mark.size());
  throw Error(ErrorCode::usage, "the query's cursor was not issued here", "Omit it for the first page.");
}

std::optional<long long> number_of_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && number > 0;
  return is_number && text.front() != '0' ? std::optional(number) : std::nullopt;
}

http::Response page(const http::Request& request, const char* key, nlohmann::json items, const std::string& last) {
  nlohmann::json body{{key, std::move(items)}, {"next", nullptr}};
  std::string link;
  if (!last.empty()) {
    const auto cursor = base64_of(std::string(mark) + last);
    body["next"] = cursor;
    auto query = request.query;
    query["cursor"] = cursor;
    for (const auto& [name, value] : query) {
      link += fmt::format("{}{}={}", link.empty() ? '?' : '&', name, http::percent_encode(value));
    }
  }
  auto response = reply(200, body);
  if (!link.empty()) response.headers.emplace_back("Link", fmt::format("<{}{}>; rel=\"next\"", request.path, link));
  return response;
}

}  // namespace rescue::netboot::api
