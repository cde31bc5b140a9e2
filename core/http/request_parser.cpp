// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/request_parser.hpp"

#include "core/secret.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace rescue::http {
namespace {

void make_lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

}  // namespace

RequestParser::RequestParser(BodyLimits& limits) : limits_(limits) {
  header_limit(largest_header);
  // Looked at more closely when the header is known.
  auto largest = limits.usual;
  for (const auto& large : limits.large) largest = std::max(largest, large.bytes);
  body_limit(largest);
  eager(true);
}

RequestParser::~RequestParser() { let_go(); }

std::size_t RequestParser::put(boost::asio::const_buffer bytes, boost::beast::error_code& error) {
  // So many bytes are left of every chunked body that is not at its end.
  constexpr std::string_view shortest_end = "0\r\n\r\n";
  if (is_header_done() && !is_done() && chunked() && bytes.size() < shortest_end.size()) {
    error = boost::beast::http::error::need_more;
    return 0;
  }
  return basic_parser::put(bytes, error);
}

void RequestParser::let_go() {
  wipe(request_.body);
  if (std::exchange(is_large_, false)) --limits_.large_at_work;
}

std::size_t RequestParser::limit_of_request() {
  const auto path = std::string_view(target_).substr(0, target_.find('?'));
  for (const auto& large : limits_.large) {
    if (large.method != request_.method || large.path != path) continue;
    constexpr unsigned most_at_a_time = 2;
    is_large_ = ++limits_.large_at_work <= most_at_a_time;
    if (is_large_) return large.bytes;
    --limits_.large_at_work;
  }
  return limits_.usual;
}

bool RequestParser::expects_continue() const {
  auto expected = request_.header("expect");
  make_lower(expected);
  return expected == "100-continue";
}

void RequestParser::on_request_impl(boost::beast::http::verb /*method*/, Text name, Text target, int version,
                                    Error& /*error*/) {
  old_protocol_ = version == 10;
  request_.method.assign(name.data(), name.size());
  target_.assign(target.data(), target.size());
}

void RequestParser::on_field_impl(boost::beast::http::field /*field*/, Text name, Text value, Error& /*error*/) {
  std::string lower(name.data(), name.size());
  make_lower(lower);
  auto& kept = request_.headers[lower];
  if (!kept.empty()) kept += ", ";  // RFC 9110, 5.3: repeated fields are one list
  kept.append(value.data(), value.size());
}

std::size_t RequestParser::on_body_impl(Text bytes, Error& /*error*/) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t /*remain*/, Text bytes, Error& error) {
  return on_body_impl(bytes, error);
}

void RequestParser::on_response_impl(int /*status*/, Text /*reason*/, int /*version*/, Error& /*error*/) {}
void RequestParser::on_header_impl(Error& error) {
  const auto limit = limit_of_request();
  const auto length = content_length();
  if (length && *length > limit) error = boost::beast::http::error::body_limit;
  body_limit(limit);
}
void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, Error& /*error*/) {}
void RequestParser::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/, Error& /*error*/) {}
void RequestParser::on_finish_impl(Error& /*error*/) {}

}  // namespace rescue::http
