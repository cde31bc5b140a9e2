// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"

#include <sodium.h>

namespace rescue {
namespace {

constexpr auto variant = sodium_base64_VARIANT_ORIGINAL;

}  // namespace

std::string base64_of(std::string_view bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
  const void* const data = bytes.data();
  ::sodium_bin2base64(text.data(), text.size(), static_cast<const unsigned char*>(data), bytes.size(), variant);
  text.pop_back();  // its NUL
  return text;
}

std::optional<std::string> bytes_of_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  void* const data = bytes.data();
  const int status = ::sodium_base642bin(static_cast<unsigned char*>(data), bytes.size(), text.data(), text.size(),
                                         nullptr, &size, &end, variant);
  if (status != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace rescue
