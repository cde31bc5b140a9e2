// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/request_parser.hpp"

#include "core/http/target.hpp"
#include "core/secret.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::http {
namespace {

void make_lower(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Elements of a list (RFC 9110, 5.6.1), in lower case, without empty ones.
std::vector<std::string> elements_of(std::string_view list) {
  std::vector<std::string> elements;
  for (std::size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    std::string element(without_blanks(list.substr(at, end - at)));
    make_lower(element);
    if (!element.empty()) elements.push_back(std::move(element));
    at = end + 1;
  }
  return elements;
}

/// True for uri-host [ ":" port ] (RFC 3986, 3.2.2), which may be empty.
bool is_host(std::string_view text) {
  constexpr std::string_view others = "-._~!$&'()*+,;=%:[]";
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace

LargePlaces::Outcome LargePlaces::take(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(client);
  if (found != taken_.end() && found->second >= of_one_client) return Outcome::client_has_all;
  if (taken_in_all_ >= in_all) return Outcome::none_left;
  ++taken_[client];
  ++taken_in_all_;
  return Outcome::taken;
}

void LargePlaces::give_back(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(client);
  if (found == taken_.end()) return;
  --taken_in_all_;
  if (--found->second == 0) taken_.erase(found);
}

RequestParser::RequestParser(BodyLimits& limits) : limits_(limits), limit_(limits.usual) {
  header_limit(largest_header);
  body_limit(boost::none);  // until the header is parsed; no byte of the body is read before
  eager(true);
}

RequestParser::~RequestParser() { release_body(); }

std::size_t RequestParser::put(boost::asio::const_buffer bytes, boost::beast::error_code& error) {
  // Minimum of bytes that are left of a chunked body that has not ended.
  constexpr std::string_view shortest_end = "0\r\n\r\n";
  if (is_header_done() && !is_done() && chunked() && bytes.size() < shortest_end.size()) {
    error = boost::beast::http::error::need_more;
    return 0;
  }
  return basic_parser::put(bytes, error);
}

void RequestParser::release_body() {
  wipe(request_.body);
  if (place_of_) limits_.places.give_back(*place_of_);
  place_of_.reset();
}

std::string RequestParser::path() const {
  Request read;
  return read_target(target_, read, EncodedSlash::refused) ? std::string{} : read.path;
}

std::size_t RequestParser::limit_of_request() const {
  const auto at = path();
  for (const auto& large : limits_.large) {
    if (large.method == request_.method && large.path == at) return large.bytes;
  }
  return limits_.usual;
}

bool RequestParser::wants_place() const {
  if (!is_header_done() || is_done() || place_of_ || limit_ <= limits_.usual) return false;
  const auto length = content_length();
  return !length || *length > limits_.usual;
}

LargePlaces::Outcome RequestParser::take_place(const std::string& client) {
  const auto outcome = limits_.places.take(client);
  if (outcome == LargePlaces::Outcome::taken) place_of_ = client;
  return outcome;
}

/// Refuses a request whose end a proxy could see elsewhere (RFC 9112, 6.1 and 6.3).
std::optional<RequestParser::Fault> RequestParser::fault_of_framing() const {
  if (!request_.headers.contains("transfer-encoding")) return std::nullopt;
  constexpr auto hint = "Send either Content-Length or Transfer-Encoding: chunked.";
  if (old_protocol_) return Fault{400, "HTTP/1.0 has no Transfer-Encoding", "Send Content-Length."};
  if (request_.headers.contains("content-length")) {
    return Fault{400, "the request has both Content-Length and Transfer-Encoding", hint};
  }
  const auto codings = elements_of(request_.header("transfer-encoding"));
  const auto chunked_ones = std::count(codings.begin(), codings.end(), "chunked");
  if (chunked_ones != 1 || codings.back() != "chunked" || !chunked()) {
    return Fault{400, "the last coding of Transfer-Encoding must be chunked, and only that one", hint};
  }
  if (codings.size() > 1) return Fault{501, "the only supported transfer coding is chunked", hint};
  return std::nullopt;
}

std::optional<RequestParser::Fault> RequestParser::fault_of_host() const {
  if (hosts_ > 1) return Fault{400, "the request has more than one Host", "Send one."};
  if (hosts_ == 0 && !old_protocol_) return Fault{400, "the request has no Host", "Send one: name or name:port."};
  if (!is_host(request_.header("host"))) return Fault{400, "the request's Host is invalid", "Send name or name:port."};
  return std::nullopt;
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
  if (is_header_done()) return;  // a field of a trailer
  std::string lower(name.data(), name.size());
  make_lower(lower);
  if (lower == "host") ++hosts_;
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
  fault_ = fault_of_framing();
  if (!fault_) fault_ = fault_of_host();
  if (fault_) {
    error = boost::beast::http::error::bad_field;
    return;
  }
  limit_ = limit_of_request();
  const auto length = content_length();
  if (length && *length > limit_) error = boost::beast::http::error::body_limit;
  body_limit(limit_);
}
void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, Error& /*error*/) {}
void RequestParser::on_chunk_header_impl(std::uint64_t /*size*/, Text /*extensions*/, Error& /*error*/) {}
void RequestParser::on_finish_impl(Error& /*error*/) {}

}  // namespace rescue::http
