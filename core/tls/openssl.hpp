// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Helpers about OpenSSL that the files of this folder share; nothing else includes it.

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/tls/channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace rescue::tls {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Handle<X509, X509_free>;
using Context = Handle<SSL_CTX, SSL_CTX_free>;

struct Identity::Material {
  Key key;
  Certificate certificate;
};

struct Channel::State {
  FileDescriptor socket;
  Context context;
  Handle<SSL, SSL_free> connection;
  std::string protocol;
};

/// The oldest error in OpenSSL's queue, which is emptied.
[[nodiscard]] inline std::string last_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

inline void require(bool succeeded, const char* what) {
  if (!succeeded) throw Error(ErrorCode::internal, std::string(what) + ": " + last_error());
}

/// SHA-256 of the certificate; throws `internal`.
[[nodiscard]] inline Digest digest_of(const X509* certificate) {
  Digest digest{};
  unsigned size = 0;
  require(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1 && size == digest.size(),
          "the certificate's digest");
  return digest;
}

}  // namespace rescue::tls
