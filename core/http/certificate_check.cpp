// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/certificate_check.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace rescue::http {
namespace {

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + size, ""));
}

}  // namespace

struct CertificateCheck::Callback {
  static int verify(X509_STORE_CTX* chain, void* context) noexcept {
    auto& check = *static_cast<CertificateCheck*>(context);
    try {
      check.seen_ = fingerprint_of(X509_STORE_CTX_get0_cert(chain));
    } catch (...) {
      return 0;
    }
    if (check.pinned_.empty()) return X509_verify_cert(chain);
    const bool same = check.seen_ == check.pinned_;
    X509_STORE_CTX_set_error(chain, same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return same ? 1 : 0;
  }
};

void CertificateCheck::install(void* ssl_context) {
  auto* const context = static_cast<SSL_CTX*>(ssl_context);
  if (legacy_ && is_pinned()) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
    if (SSL_CTX_set_cipher_list(context, "ALL:!aNULL:!eNULL:@SECLEVEL=0") != 1) {
      throw Error(ErrorCode::internal, "OpenSSL has no ciphers for legacy TLS");
    }
  }
  SSL_CTX_set_cert_verify_callback(context, &Callback::verify, this);
}

}  // namespace rescue::http
