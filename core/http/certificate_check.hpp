// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whom a TLS connection is with: a certificate that the CAs vouch for, or exactly the one that somebody has named.

#include <string>

namespace rescue::http {

/// The verification of libcurl's OpenSSL, in its place: it also remembers which certificate it saw, so that a refusal
/// can name it. Outlives the transfer.
class CertificateCheck {
public:
  /// `pinned`: the SHA-256 of the one certificate that is trusted, 64 lower-case hex digits; empty: what CAs vouch for.
  /// `legacy`: with a pinned certificate, TLS 1.0 and keys and ciphers of that time are taken.
  explicit CertificateCheck(std::string pinned, bool legacy = false) : pinned_(std::move(pinned)), legacy_(legacy) {}

  /// For the SSL_CTX that libcurl hands to CURLOPT_SSL_CTX_FUNCTION.
  void install(void* ssl_context);
  /// SHA-256 of the peer's certificate, 64 lower-case hex digits; empty before there was one.
  [[nodiscard]] const std::string& seen() const noexcept { return seen_; }
  /// With a pinned certificate: that it was shown.
  [[nodiscard]] bool is_pinned() const noexcept { return !pinned_.empty(); }

private:
  struct Callback;
  std::string pinned_;
  bool legacy_;
  std::string seen_;
};

}  // namespace rescue::http
