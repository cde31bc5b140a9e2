// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes of a connection, in pieces as the network might deliver them: parser, target and router.
#include "core/http/request_parser.hpp"
#include "core/http/server.hpp"
#include "core/http/target.hpp"
#include "expect.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

namespace {

using namespace rescue;
using rescue::fuzz::expect;

constexpr std::size_t largest_body = 256;
constexpr std::size_t larger_body = 1024;  ///< of one path

const http::Router& routes() {
  static const auto router = [] {
    http::Router made;
    const auto nothing = [](const http::Request&) { return http::Response{}; };
    for (const auto* const pattern :
         {"/healthz", "/boot/{mac}.ipxe", "/boot/{anything}", "/boot/{mac}/rescue-boot.cpio",
          "/v1/servers/{name}/boot-mode", "/files/{path*}"}) {
      made.add("GET", pattern, nothing);
      made.add("PUT", pattern, nothing);
    }
    return made;
  }();
  return router;
}

void check_path(const std::string& path) {
  expect(path.starts_with('/'), "a path begins with a slash");
  expect(path.find('\0') == std::string::npos, "no NUL gets into a path");
  expect(("/" + path + "/").find("/../") == std::string::npos, "no way up gets into a path");
}

/// A request has an end that all parsers agree on, or it is refused.
void check_framing(const http::RequestParser& parser) {
  const auto& headers = parser.request().headers;
  expect(headers.contains("host") || parser.is_old_protocol(), "a request names its host");
  if (!headers.contains("transfer-encoding")) return;
  expect(!headers.contains("content-length"), "a body has one length");
  expect(parser.chunked(), "a body has no coding that is not known");
}

void look_at(http::RequestParser& parser) {
  check_framing(parser);
  auto& request = parser.request();
  const bool is_import = parser.target().substr(0, parser.target().find('?')) == "/v1/servers:import";
  expect(request.body.size() <= (is_import ? larger_body : largest_body), "the body keeps its limit");
  for (const auto& [name, value] : request.headers) {
    expect(name.find_first_of("\r\n: ") == std::string::npos, "the name of a header is a token");
    expect(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
  if (http::read_target(parser.target(), request)) return;
  std::set<std::string> names;
  for (const auto& [name, value] : request.query) expect(names.insert(name).second, "a parameter is there once");
  check_path(request.path);
  // Plain paths take a fast path: it must agree with the slow one.
  http::Request absolute;
  if (parser.target().starts_with("/") && !http::read_target("http://host" + parser.target(), absolute)) {
    expect(absolute.path == request.path, "a target means the same in both of its forms");
  }
  try {
    (void)routes().match(request);
    for (const auto& [name, value] : request.parameters) expect(!value.empty(), "a parameter is not empty");
  } catch (const Error& error) {
    expect(error.code() == ErrorCode::not_found, "an unknown path is not found");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 64U;  // the first byte sets the size of the pieces
  const void* const place = data + 1;
  std::string_view left(static_cast<const char*>(place), size - 1);
  http::BodyLimits limits{largest_body, {{"POST", "/v1/servers:import", larger_body}}};
  boost::beast::flat_buffer buffer(std::size_t{64} << 10U);
  while (!left.empty() || buffer.size() > 0) {
    http::RequestParser parser(limits);
    bool stuck = false;
    while (!parser.is_done() && !stuck) {
      boost::system::error_code error;
      const auto used = buffer.size() > 0 ? parser.put(buffer.cdata(), error) : 0;
      buffer.consume(used);
      if (error && error != boost::beast::http::error::need_more) return 0;
      if (parser.is_done() || (!error && used > 0 && buffer.size() > 0)) continue;
      const auto next = left.substr(0, piece);
      left.remove_prefix(next.size());
      std::copy(next.begin(), next.end(), static_cast<char*>(buffer.prepare(next.size()).data()));
      buffer.commit(next.size());
      stuck = next.empty();
    }
    if (stuck) return 0;
    look_at(parser);
  }
  return 0;
}
