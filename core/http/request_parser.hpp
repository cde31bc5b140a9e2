// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One request out of the bytes of a connection, as they come: Beast's parser, writing into our Request.

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

/// Who may send a large body at the moment. Thread-safe.
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

/// How large bodies may be; shared by all connections.
struct BodyLimits {
  std::size_t usual = 0;
  const std::vector<Router::LargeBody> large;
  LargePlaces places{};
};

/// RFC 9112; a request with two lengths, a bad version or an invalid name of a header is an error, and so is one whose
/// end can't be told for sure (6.1, 6.3) or that does not name one host (3.2): see `fault`. Fields of a trailer are
/// left out (RFC 9110, 6.5.1).
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

  /// Why the request was refused, where Beast has no error for that: the answer's status and text.
  struct Fault {
    unsigned status = 400;
    std::string message;
    std::string hint;
  };
  [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return fault_; }

  /// Method, headers and body; `target` is still to be read.
  [[nodiscard]] Request& request() noexcept { return request_; }
  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  [[nodiscard]] std::string path() const;
  /// How large this request's body may be, in bytes.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// A body that is larger than usual, or may be, is on its way: it is to be let in first (`take_place`).
  [[nodiscard]] bool wants_place() const;
  /// For the body's whole stay, in the name of `client`.
  [[nodiscard]] LargePlaces::Outcome take_place(const std::string& client);
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

  [[nodiscard]] std::size_t limit_of_request() const;
  [[nodiscard]] std::optional<Fault> fault_of_framing() const;
  [[nodiscard]] std::optional<Fault> fault_of_host() const;

  BodyLimits& limits_;
  std::size_t limit_ = 0;
  std::optional<std::string> place_of_;  ///< the client that a place was taken for
  Request request_;
  std::string target_;
  std::optional<Fault> fault_;
  unsigned hosts_ = 0;
  bool old_protocol_ = false;
};

}  // namespace rescue::http
