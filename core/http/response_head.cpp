// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/response_head.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/chrono.h>

#include <array>
#include <charconv>
#include <ctime>

namespace rescue::http {
namespace {

void add_number(std::string& out, std::uint64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void add_value(std::string& out, std::string_view value) {
  for (const char c : value) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
}

/// Date header, formatted once per second.
const std::string& date_line() {

  thread_local std::string line;
  thread_local std::time_t made = 0;
  const auto now = std::time(nullptr);
  if (now != made) {
    line = "Date: " + http_date(now) + "\r\n";
    made = now;
  }
  return line;
}

bool has_length(unsigned status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

std::string http_date(long long seconds) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void write_head(const Response& response, const Framing& framing, std::string& out) {
  const auto reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  out = "HTTP/1.1 ";
  add_number(out, response.status);
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  out += date_line();
  const auto length = response.file ? response.file->length : response.body.size();
  if (length > 0 || response.stream) {
    out += "Content-Type: ";
    add_value(out, response.content_type);
    out += "\r\n";
  }
  if (response.stream) {
    if (!framing.old_protocol) out += "Transfer-Encoding: chunked\r\n";
  } else if (has_length(response.status)) {
    out += "Content-Length: ";
    add_number(out, length);
    out += "\r\n";
  }
  if (!framing.request_id.empty()) {
    out += "X-Request-Id: ";
    out += framing.request_id;
    out += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    add_value(out, name);
    out += ": ";
    add_value(out, value);
    out += "\r\n";
  }
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (framing.old_protocol) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace rescue::http
