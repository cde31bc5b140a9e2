// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/tls/identity.hpp"

#include "core/tls/openssl.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

namespace rescue::tls {
namespace {

constexpr int version_3 = 2;  // X.509 counts from zero
constexpr long day_seconds = 86'400;
constexpr long valid_days = 30;

void set_serial(X509* certificate) {
  std::uint64_t serial = 0;
  void* const bytes = &serial;
  require(RAND_bytes(static_cast<unsigned char*>(bytes), sizeof serial) == 1, "random bytes");
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1, "the certificate's number");
}

void set_name(X509* certificate, const std::string& name) {
  auto* const subject = X509_get_subject_name(certificate);
  const void* const text = name.data();
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, static_cast<const unsigned char*>(text),
                                     static_cast<int>(name.size()), -1, 0) == 1,
          "the certificate's name");
  require(X509_set_issuer_name(certificate, subject) == 1, "the certificate's issuer");
}

}  // namespace

Identity Identity::make(const std::string& name) {
  auto material = std::make_shared<Material>();
  material->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  require(material->key != nullptr, "a key on P-256");
  material->certificate.reset(X509_new());
  auto* const certificate = material->certificate.get();
  require(certificate != nullptr && X509_set_version(certificate, version_3) == 1, "a certificate");
  set_serial(certificate);
  set_name(certificate, name);
  // A day back: the clock of a peer may be behind.
  X509_gmtime_adj(X509_getm_notBefore(certificate), -day_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_days * day_seconds);
  require(X509_set_pubkey(certificate, material->key.get()) == 1, "the certificate's key");
  require(X509_sign(certificate, material->key.get(), EVP_sha256()) > 0, "the certificate's signature");
  const auto fingerprint = digest_of(certificate);
  return {std::move(material), fingerprint};
}

}  // namespace rescue::tls
