// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request out of the bytes of a connection, as they come: Beast's parser, writing into our Request.

#include "core/http/message.hpp"
#include "core/http/server.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rescue::http {

/// How large bodies may be; shared by all connections.
struct BodyLimits {
  std::size_t usual = 0;
  const std::vector<Router::LargeBody> large;
  std::atomic<unsigned> large_at_work{0};
};

/// RFC 9112; a request with two lengths, a bad version or an invalid name of a header is an error.
class RequestParser : public boost::beast::http::basic_parser<true> {
public:
  static constexpr std::uint32_t largest_header = 16U << 10U;

  explicit RequestParser(BodyLimits& limits);
  ~RequestParser() override;
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// As Beast's, which aborts when it is given the end of a chunked body in pieces of fewer bytes than that end has:
  /// such are not taken yet.
  std::size_t put(boost::asio::const_buffer bytes, boost::beast::error_code& error);

  /// Method, headers and body; `target` is still to be read.
  [[nodiscard]] Request& request() noexcept { return request_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  /// The body is not needed any more: wiped, and there is room for another large one.
  void let_go();
  /// HTTP/1.0.
  [[nodiscard]] bool is_old_protocol() const noexcept { return old_protocol_; }
  /// The client waits for our word before it sends the body.
  [[nodiscard]] bool expects_continue() const;

private:
  using Text = boost::beast::string_view;
  using Error = boost::beast::error_code;
  void on_request_impl(boost::beast::http::verb method, Text name, Text target, int version, Error& error) override;
  void on_response_impl(int status, Text reason, int version, Error& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override;
  std::size_t on_body_impl(Text bytes, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Error& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text bytes, Error& error) override;
  void on_finish_impl(Error& error) override;

  [[nodiscard]] std::size_t limit_of_request();

  BodyLimits& limits_;
  bool is_large_ = false;
  Request request_;
  std::string target_;
  bool old_protocol_ = false;
};

}  // namespace rescue::http
