// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// HTTP client over libcurl: deadlines always, problem bodies become errors, unix sockets, a source port range.

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
  std::string unix_path;           ///< if set: connect to this unix socket
  std::string ca_file;             ///< for https; empty: the system's
  std::string ca_certificates;     ///< for https: PEM, in place of a file
  std::string certificate_sha256;  ///< for https: trust only this certificate, whatever its name and its issuer; 64
  ///< lower-case hex digits
  bool legacy_tls = false;  ///< with `certificate_sha256`: also accept TLS 1.0 and weak keys
  Milliseconds connect_limit{5'000};
  Milliseconds time_limit{15'000};          ///< of one request in total
  std::size_t largest_answer = 16U << 20U;  ///< bytes of headers and body; not of a download
  unsigned first_local_port = 0;            ///< with local_port_count: bind the source port to this range
  unsigned local_port_count = 0;
};

/// No complete answer came to a request that was sent: it may have been executed.
class AnswerLost : public Error {
public:
  using Error::Error;
};

/// Certificate of the server is not trusted; nothing was sent.
class UntrustedCertificate : public Error {
public:
  UntrustedCertificate(const std::string& message, std::string hint, std::string seen)
      : Error(ErrorCode::unavailable, message, std::move(hint)), seen_(std::move(seen)) {}
  /// SHA-256 of the server's certificate, 64 lower-case hex digits; empty if it showed none.
  [[nodiscard]] const std::string& seen() const noexcept { return seen_; }

private:
  std::string seen_;
};

/// TLS failed: no common version, or the peer's key is too weak; nothing was sent.
class TlsRefused : public Error {
public:
  using Error::Error;
};

/// Names and values; must live as long as the call.
using HeaderViews = std::vector<std::pair<std::string_view, std::string_view>>;

class Client {
public:
  explicit Client(ClientOptions options, Secret bearer_token = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends a request. Thread-safe; one connection per call. Throws `unavailable` if no answer came, `timeout` at the
  /// limit; as AnswerLost if the request had been sent. Returns answers of any status. Sends a non-empty `body` as
  /// application/json.
  [[nodiscard]] Response request(const std::string& method, const std::string& path_and_query,
                                 const std::string& body = {}, std::stop_token stop = {});
  /// Sends a request with more headers; copies are wiped, since one may be a secret. A Content-Type (in this spelling)
  /// replaces ours.
  [[nodiscard]] Response request(const std::string& method, const std::string& path_and_query, const std::string& body,
                                 const HeaderViews& headers, std::stop_token stop = {});

  /// Like `request`; a status of 400 and above becomes the Error that the problem body describes.
  [[nodiscard]] Response call(const std::string& method, const std::string& path_and_query,
                              const std::string& body = {}, std::stop_token stop = {});

  /// Downloads (GET) a body that is too large for memory: passes its bytes from `offset` on to `sink`, which may throw.
  /// Returns false without calling `sink` if the server does not support ranges: then start from 0. `time_limit` limits
  /// a standstill, not the whole. Throws like `call`.
  [[nodiscard]] bool download(const std::string& path_and_query, std::uint64_t offset,
                              const std::function<void(std::string_view)>& sink, std::stop_token stop = {});

private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Throws the error that a problem body (RFC 9457) describes if the status is 400 or above, like `call`.
void throw_if_problem(const Response& response);

/// Percent-encodes one path segment or query value (RFC 3986).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace rescue::http
