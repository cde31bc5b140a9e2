// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/host_key.hpp"

#include "core/base64.hpp"

#include <sodium.h>

#include <algorithm>
#include <string_view>

namespace rescue::credentials {
namespace {

constexpr std::string_view fingerprint_prefix = "SHA256:";
constexpr std::size_t longest_type = 64;
constexpr std::size_t longest_blob = 4096;  // an RSA key of 16384 bits has 2800

std::string sha256(std::string_view bytes) {
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  void* const target = hash.data();
  const void* const source = bytes.data();
  ::crypto_hash_sha256(static_cast<unsigned char*>(target), static_cast<const unsigned char*>(source), bytes.size());
  return hash;
}

std::string host_key_fingerprint(std::string_view blob) {
  auto text = std::string(fingerprint_prefix) + base64_of(sha256(blob));
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

/// Type in a public key blob (RFC 4251, 5: a length of four bytes, then the text); empty if there is none.
std::string_view type_of_blob(std::string_view blob) {
  constexpr std::size_t prefix = 4;
  if (blob.size() < prefix) return {};
  std::size_t length = 0;
  for (const char c : blob.substr(0, prefix)) length = length << 8U | static_cast<unsigned char>(c);
  return length <= blob.size() - prefix ? blob.substr(prefix, length) : std::string_view{};
}

bool is_algorithm(std::string_view text) {
  return !text.empty() && text.size() <= longest_type && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '@' || c == '_';
  });
}

bool is_fingerprint(std::string_view text) {
  if (!text.starts_with(fingerprint_prefix)) return false;
  const auto hash = bytes_of_base64(std::string(text.substr(fingerprint_prefix.size())) + "=");
  return hash && hash->size() == crypto_hash_sha256_BYTES;
}

}  // namespace

std::optional<std::string> fault_of(const HostKey& key) {
  if (!is_algorithm(key.type)) return "the type of a host key is not the name of an algorithm";
  if (key.blob.empty()) {
    if (!is_fingerprint(key.fingerprint)) return "a fingerprint of a host key is not SHA256:...";
    return std::nullopt;
  }
  const auto blob = key.blob.size() <= longest_blob ? bytes_of_base64(key.blob) : std::nullopt;
  if (!blob || type_of_blob(*blob) != key.type) return "a host key is not base64 of a key of its type";
  if (!key.fingerprint.empty() && key.fingerprint != host_key_fingerprint(*blob)) {
    return "the fingerprint of a host key is that of another key";
  }
  return std::nullopt;
}

std::string fingerprint_of(const HostKey& key) {
  const auto blob = key.blob.empty() ? std::nullopt : bytes_of_base64(key.blob);
  return blob ? host_key_fingerprint(*blob) : key.fingerprint;
}

}  // namespace rescue::credentials
