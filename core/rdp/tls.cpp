// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rdp/tls.hpp"

#include "core/handle.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <new>

namespace rescue::rdp {
namespace {

using Context = Handle<SSL_CTX, SSL_CTX_free>;
using Connection = Handle<SSL, SSL_free>;
using Certificate = Handle<X509, X509_free>;

Context lenient_context() {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cipher_list(context.get(),
                          "ALL:!aNULL:!eNULL");  // without a certificate there would be nothing to compare
  return context;
}

std::string last_error() {
  std::array<char, 256> text{};
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  if (reason != nullptr) return reason;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

std::string fingerprint_of(const X509* certificate) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text;
  for (unsigned index = 0; index < size; ++index) {
    if (index != 0) text += ':';
    text += digits[digest[index] >> 4];
    text += digits[digest[index] & 15];
  }
  return text;
}

/// Sends what OpenSSL has written: our own sends have a deadline and raise no SIGPIPE.
bool flush(BIO* outgoing, Wire& wire) {
  std::array<std::uint8_t, 4096> buffer{};
  while (BIO_ctrl_pending(outgoing) > 0) {
    const int count = BIO_read(outgoing, buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0) return true;
    if (!wire.send(std::span(buffer).first(static_cast<std::size_t>(count)))) return false;
  }
  return true;
}

/// Runs the handshake; returns the problem, empty if it succeeded.
std::string shake_hands(SSL* connection, BIO* incoming, BIO* outgoing, Wire& wire) {
  std::array<std::uint8_t, 4096> buffer{};
  for (;;) {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(connection);
    const int error = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(connection, outcome);
    if (!flush(outgoing, wire)) return wire.problem();
    if (error == SSL_ERROR_NONE) return {};
    if (error != SSL_ERROR_WANT_READ) return last_error();
    const auto count = wire.receive(buffer);
    if (count == 0) return wire.problem();
    if (BIO_write(incoming, buffer.data(), static_cast<int>(count)) <= 0) return last_error();
  }
}

}  // namespace

TlsOutcome tls_handshake(Wire& wire) {
  const auto context = lenient_context();
  const Connection connection(SSL_new(context.get()));
  BIO* incoming = BIO_new(BIO_s_mem());
  BIO* outgoing = BIO_new(BIO_s_mem());
  if (!connection || incoming == nullptr || outgoing == nullptr) throw std::bad_alloc();
  SSL_set_bio(connection.get(), incoming, outgoing);  // owned by the connection from here on
  SSL_set_connect_state(connection.get());
  TlsOutcome outcome;
  outcome.problem = shake_hands(connection.get(), incoming, outgoing, wire);
  if (!outcome.problem.empty()) {
    outcome.problem = "the TLS handshake failed: " + outcome.problem;
    return outcome;
  }
  const Certificate certificate(SSL_get1_peer_certificate(connection.get()));
  if (certificate) outcome.fingerprint = fingerprint_of(certificate.get());
  if (outcome.fingerprint.empty()) outcome.problem = "the server showed no certificate";
  return outcome;
}

}  // namespace rescue::rdp
