// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/catalogue.hpp"

#include "core/handle.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include <array>
#include <string>

namespace rescue::windows {
namespace {

using Pkcs7 = Handle<PKCS7, PKCS7_free>;
using KeyUsage = Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;

bool has_usage(X509* certificate, std::string_view wanted) {
  const KeyUsage usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    std::array<char, 80> text{};
    OBJ_obj2txt(text.data(), text.size(), sk_ASN1_OBJECT_value(usages.get(), i), 1);
    if (wanted == text.data()) return true;
  }
  return false;
}

}  // namespace

DriverSignature signature_of_catalogue(std::string_view bytes) {
  const auto* position = reinterpret_cast<const unsigned char*>(bytes.data());
  const Pkcs7 signature(d2i_PKCS7(nullptr, &position, static_cast<long>(bytes.size())));
  ERR_clear_error();
  if (!signature || PKCS7_type_is_signed(signature.get()) == 0 || signature->d.sign == nullptr) {
    return DriverSignature::none;
  }
  auto* const certificates = signature->d.sign->cert;
  if (certificates == nullptr || sk_X509_num(certificates) == 0) return DriverSignature::none;
  auto kind = DriverSignature::vendor;
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    auto* const certificate = sk_X509_value(certificates, i);
    if (has_usage(certificate, "1.3.6.1.4.1.311.10.3.5.1")) return DriverSignature::attestation;
    if (has_usage(certificate, "1.3.6.1.4.1.311.10.3.5")) kind = DriverSignature::whql;
  }
  return kind;
}

}  // namespace rescue::windows
