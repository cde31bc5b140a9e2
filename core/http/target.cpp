// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/target.hpp"

#include "core/http/client.hpp"
#include "core/utf8.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace rescue::http {
namespace urls = boost::urls;

namespace {

bool is_plain_segment(std::string_view segment) {
  const auto is_odd = [](char c) { return c == '/' || c == '\x7f' || static_cast<unsigned char>(c) < 0x20; };
  return segment != "." && segment != ".." && std::none_of(segment.begin(), segment.end(), is_odd);
}

/// Decodes a segment; slashes in it only where they are allowed.
bool may_be_in_path(std::string_view segment, EncodedSlash slash) {
  if (slash == EncodedSlash::refused) return is_plain_segment(segment);
  for (std::size_t at = 0; at <= segment.size();) {
    const auto end = std::min(segment.find('/', at), segment.size());
    if (!is_plain_segment(segment.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

/// True for a plain path: nothing encoded, no query, no dot at the start of a segment. Nearly all are.
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

namespace {

TargetFault malformed() {
  return {"the request's target is malformed",
          "Percent-encode it (RFC 3986); dot segments and encoded slashes are refused."};
}

std::optional<TargetFault> read_query(const urls::url_view& url, Fields& query) {
  for (const auto& parameter : url.params()) {
    if (parameter.key.empty() && !parameter.has_value) continue;  // "?", "a&&b", "a&"
    const std::string name(parameter.key);
    std::string value(parameter.value);
    const auto is_text = [](const std::string& text) { return is_utf8(text) && text.find('\0') == std::string::npos; };
    if (!is_text(name) || !is_text(value)) {
      return TargetFault{"the request's query is not text", "Send UTF-8, percent-encoded, without NUL characters."};
    }
    if (query.contains(name)) {
      return TargetFault{fmt::format("the query's '{}' is given twice", name), "Send it once."};
    }
    query.append(name, value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<TargetFault> read_target(std::string_view target, Request& request, EncodedSlash slash) {
  if (is_plain_path(target)) {
    request.path = target;
    return std::nullopt;
  }
  const boost::core::string_view text(target.data(), target.size());
  auto url = urls::parse_origin_form(text);
  if (!url) url = urls::parse_absolute_uri(text);
  if (!url) return malformed();
  request.path.clear();
  for (const auto& segment : url->segments()) {
    const std::string plain(segment.begin(), segment.end());
    if (!may_be_in_path(plain, slash)) return malformed();
    request.path += '/';
    request.path += plain;
  }
  if (request.path.empty()) request.path = "/";
  return read_query(*url, request.query);
}

std::string percent_encode(std::string_view text) {
  return urls::encode(boost::core::string_view(text.data(), text.size()), urls::unreserved_chars);
}

}  // namespace rescue::http
