// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/token.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr std::string_view prefix = "rescue_";
constexpr std::size_t random_bytes = 32;

}  // namespace

std::optional<Role> role_of(std::string_view name) noexcept { return parse_word<Role>(name); }

bool Scope::holds(const ServerName& server) const {
  return !is_bound() || std::find(servers.begin(), servers.end(), server.text()) != servers.end();
}

Secret fresh_token() {
  constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  Secret raw(random_bytes);
  ::randombytes_buf(raw.data(), raw.size());
  Secret encoded(sodium_base64_ENCODED_LEN(random_bytes, variant));  // including its NUL
  Secret token(prefix.size() + encoded.size() - 1);
  const void* const bytes = raw.data();
  ::sodium_bin2base64(encoded.data(), encoded.size(), static_cast<const unsigned char*>(bytes), raw.size(), variant);
  std::memcpy(token.data(), prefix.data(), prefix.size());
  std::memcpy(token.data() + prefix.size(), encoded.data(), encoded.size() - 1);
  return token;
}

std::string hash_of(std::string_view token) {
  if (::sodium_init() < 0) throw std::bad_alloc();
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  const void* const bytes = token.data();
  ::crypto_hash_sha256(digest.data(), static_cast<const unsigned char*>(bytes), token.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

}  // namespace rescue::netboot
