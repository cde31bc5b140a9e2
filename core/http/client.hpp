// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An HTTP client over libcurl: deadlines always, problem bodies turned back into errors, unix sockets, a source port
// range.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/http/message.hpp"
#include "core/secret.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::http {

struct ClientOptions {
  std::string base_url;            ///< "http://198.51.100.1:8080"; with a unix socket "http://rescued"
  std::string unix_path;           ///< when set: talk to this unix socket
  std::string ca_file;             ///< for https; empty: the system's
  std::string ca_certificates;     ///< for https: PEM, in place of a file
  std::string certificate_sha256;  ///< for https: this one certificate is trusted, whoever it names and whoever signed
                                   ///< it, and no other; 64 lower-case hex digits
  bool legacy_tls = false;         ///< with `certificate_sha256`: TLS 1.0 and weak keys are taken, too
  Milliseconds connect_limit{5'000};
  Milliseconds time_limit{15'000};          ///< of one request, all in all
  std::size_t largest_answer = 16U << 20U;  ///< bytes of headers and body; not of a download
  unsigned first_local_port = 0;            ///< with local_port_count: bind the source port to this range
  unsigned local_port_count = 0;
};

/// The request was sent, and no whole answer came: it may have been carried out.
class AnswerLost : public Error {
public:
  using Error::Error;
};

/// The server's certificate is not trusted; nothing was sent.
class UntrustedCertificate : public Error {
public:
  UntrustedCertificate(const std::string& message, std::string hint, std::string seen)
      : Error(ErrorCode::unavailable, message, std::move(hint)), seen_(std::move(seen)) {}
  /// SHA-256 of the certificate that the server showed, 64 lower-case hex digits; empty when it showed none.
  [[nodiscard]] const std::string& seen() const noexcept { return seen_; }

private:
  std::string seen_;
};

/// The peer and we agree on no version of TLS, or its key is too weak for us; nothing was sent.
class TlsRefused : public Error {
public:
  using Error::Error;
};

/// Names and values, as long as a call lasts.
using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

class Client {
public:
  explicit Client(ClientOptions options, Secret bearer_token = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Thread-safe; one connection a call. Throws `unavailable` when no answer came, `timeout` at the limit; where the
  /// request was sent all the same, as AnswerLost. Any status is an answer. `body` non-empty is sent as
  /// application/json.
  [[nodiscard]] Response request(const std::string& method, const std::string& path_and_query,
                                 const std::string& body = {}, std::stop_token stop = {});
  /// As above, with more headers: one of them may be a secret, so our copies are wiped. A Content-Type (in this
  /// spelling) stands in place of ours.
  [[nodiscard]] Response request(const std::string& method, const std::string& path_and_query, const std::string& body,
                                 const HeaderViews& headers, std::stop_token stop = {});

  /// As `request`; a status of 400 and above becomes the Error that the problem body describes.
  [[nodiscard]] Response call(const std::string& method, const std::string& path_and_query,
                              const std::string& body = {}, std::stop_token stop = {});

  /// GET of a body that is too large for memory: `sink` is given its bytes, from `offset` on, as they come, and may
  /// throw. Returns false, with nothing given, when the server can't begin in the middle: then ask from 0. There is no
  /// limit in all, but one on standing still: `time_limit`. Throws as `call`.
  [[nodiscard]] bool download(const std::string& path_and_query, std::uint64_t offset,
                              const std::function<void(std::string_view)>& sink, std::stop_token stop = {});

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Throws the error that a problem body (RFC 9457) describes when the status is 400 or above: what `call` does.
void throw_if_problem(const Response& response);

/// Percent-encodes one path segment or query value (RFC 3986).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace rescue::http
