// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verifies the peer of a TLS connection: a certificate signed by the CAs, or exactly the pinned one.

#include <string>

namespace rescue::http {

/// Replaces the verification of libcurl's OpenSSL, and remembers which certificate it saw, so that a refusal can name
/// it. Outlives the transfer.
class CertificateCheck {
public:
  /// `pinned`: SHA-256 of the only certificate to trust, 64 lower-case hex digits; empty: verify by CAs.
  /// `legacy`: with a pinned certificate, accept TLS 1.0 and keys and ciphers of that time.
  explicit CertificateCheck(std::string pinned, bool legacy = false) : pinned_(std::move(pinned)), legacy_(legacy) {}

  /// Installs the check in the SSL_CTX that libcurl passes to CURLOPT_SSL_CTX_FUNCTION.
  void install(void* ssl_context);
  /// SHA-256 of the peer's certificate, 64 lower-case hex digits; empty before there was one.
  [[nodiscard]] const std::string& seen() const noexcept { return seen_; }
  /// True if the peer showed the pinned certificate.
  [[nodiscard]] bool is_pinned() const noexcept { return !pinned_.empty(); }

private:
  struct Callback;
  std::string pinned_;
  bool legacy_;
  std::string seen_;
};

}  // namespace rescue::http
