// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/request_parser.hpp"

#include <boost/beast/http/error.hpp>
#include <gtest/gtest.h>

#include <string>

namespace rescue::http {
namespace {

/// Parses `text` as it comes when the network cuts it into pieces of `piece` bytes.
std::string body_in_pieces(const std::string& text, std::size_t piece) {
  BodyLimits limits{1000, {}};
  RequestParser parser(limits);
  std::string waiting;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    waiting += text.substr(at, piece);
    boost::system::error_code error;
    while (!error && !waiting.empty() && !parser.is_done()) {
      waiting.erase(0, parser.put({waiting.data(), waiting.size()}, error));
    }
    if (error && error != boost::beast::http::error::need_more) return error.message();
  }
  return parser.is_done() ? parser.request().body : "not done";
}

TEST(RequestParser, TakesAChunkedBodyHoweverItIsCut) {
  const std::string head = "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t piece = 1; piece < 100; ++piece) {
    EXPECT_EQ(body_in_pieces(head + "0\r\n\r\n", piece), "") << piece;
    EXPECT_EQ(body_in_pieces(head + "4\r\nbody\r\n1;x=y\r\n!\r\n0\r\nA: b\r\n\r\n", piece), "body!") << piece;
  }
}

TEST(RequestParser, WaitsForTheRestOfAChunkedBody) {
  const std::string head = "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* const begun : {"0", "0\r", "0\r\n", "0\r\n\r", "4\r\nbo", "4\r\nbody\r\n0\r\n"}) {
    EXPECT_EQ(body_in_pieces(head + begun, 1), "not done") << begun;
  }
}

}  // namespace
}  // namespace rescue::http
