// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parses a request from the bytes of a connection as they come: Beast's parser, writing into our Request.

#include "core/http/message.hpp"
#include "core/http/server.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::http {

/// Places for clients that send a large body. Thread-safe.
class LargePlaces {
public:
  static constexpr unsigned in_all = 3;
  static constexpr unsigned of_one_client = 2;
  enum class Outcome { taken, client_has_all, none_left };

  [[nodiscard]] Outcome take(const std::string& client);
  void give_back(const std::string& client);

private:
  std::mutex mutex_;
  std::map<std::string, unsigned> taken_;
  unsigned taken_in_all_ = 0;
};

/// Limits of body sizes; shared by all connections.
struct BodyLimits {
  std::size_t usual = 0;
  const std::vector<Router::LargeBody> large;
  LargePlaces places{};
};

/// Parses by RFC 9112. A request with two lengths, a bad version or an invalid header name is an error; so is one with
/// an ambiguous end (6.1, 6.3) or without exactly one host (3.2): see `fault`. Drops fields of a trailer (RFC 9110,
/// 6.5.1).
class RequestParser : public boost::beast::http::basic_parser<true> {
public:
  static constexpr std::uint32_t largest_header = 16U << 10U;

  explicit RequestParser(BodyLimits& limits);
  ~RequestParser() override;
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Like Beast's `put`, which aborts if the end of a chunked body comes in pieces shorter than that end: those are
  /// left for the next call.
  std::size_t put(boost::asio::const_buffer bytes, boost::beast::error_code& error);

  /// Reason of a refusal that Beast has no error for: the answer's status and text.
  struct Fault {
    unsigned status = 400;
    std::string message;
    std::string hint;
  };
  [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return fault_; }

  /// Request with method, headers and body; `target` is not parsed yet.
  [[nodiscard]] Request& request() noexcept { return request_; }
  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  [[nodiscard]] std::string path() const;
  /// Limit of this request's body, in bytes.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// True if a body comes that is or may be larger than usual: call `take_place` first.
  [[nodiscard]] bool wants_place() const;
  /// Takes a place for the body, in the name of `client`, until `release_body`.
  [[nodiscard]] LargePlaces::Outcome take_place(const std::string& client);
  /// Wipes the body and frees its place.
  void release_body();
  /// True for HTTP/1.0.
  [[nodiscard]] bool is_old_protocol() const noexcept { return old_protocol_; }
  /// True if the client waits for 100 Continue before it sends the body.
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

  [[nodiscard]] std::size_t limit_of_request() const;
  [[nodiscard]] std::optional<Fault> fault_of_framing() const;
  [[nodiscard]] std::optional<Fault> fault_of_host() const;

  BodyLimits& limits_;
  std::size_t limit_ = 0;
  std::optional<std::string> place_of_;  ///< client that has a place
  Request request_;
  std::string target_;
  std::optional<Fault> fault_;
  unsigned hosts_ = 0;
  bool old_protocol_ = false;
};

}  // namespace rescue::http
