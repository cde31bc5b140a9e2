// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/target.hpp"

#include "core/http/client.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace rescue::http {
namespace urls = boost::urls;

namespace {

bool is_plain_segment(const std::string& segment) {
  const auto is_odd = [](char c) { return c == '/' || c == '\x7f' || static_cast<unsigned char>(c) < 0x20; };
  return segment != "." && segment != ".." && std::none_of(segment.begin(), segment.end(), is_odd);
}

/// A path that is what it says: nothing encoded, no query, no dot at the start of a segment. Nearly all are.
bool is_plain_path(std::string_view target) {
  if (!target.starts_with('/')) return false;
  char before = 0;
  for (const char c : target) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                          c == ':' || c == '-' || c == '_' || c == '.';
    if (!is_plain || (before == '/' && (c == '.' || c == '/'))) return false;
    before = c;
  }
  return true;
}

}  // namespace

bool read_target(std::string_view target, Request& request) {
  if (is_plain_path(target)) {
    request.path = target;
    return true;
  }
  const urls::string_view text(target.data(), target.size());
  auto url = urls::parse_origin_form(text);
  if (!url) url = urls::parse_absolute_uri(text);
  if (!url) return false;
  request.path.clear();
  for (const auto& segment : url->segments()) {
    const std::string plain(segment.begin(), segment.end());
    if (!is_plain_segment(plain)) return false;
    request.path += '/';
    request.path += plain;
  }
  if (request.path.empty()) request.path = "/";
  for (const auto& parameter : url->params()) {
    request.query[std::string(parameter.key)] = std::string(parameter.value);
  }
  return true;
}

std::string percent_encode(std::string_view text) {
  return urls::encode(urls::string_view(text.data(), text.size()), urls::unreserved_chars);
}

}  // namespace rescue::http
