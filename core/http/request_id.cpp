// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/request_id.hpp"

#include <algorithm>
#include <random>

namespace rescue::http {
namespace {

constexpr std::size_t longest = 64;
constexpr std::size_t made_length = 15;  // fits into a std::string without an allocation: 75 bits

bool is_sane(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// Makes a new id: unique, but not secret.
std::string fresh() {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string id;
  auto bits = random();
  for (std::size_t i = 0; i < made_length; ++i, bits >>= 5U) {
    if (i == made_length / 2) bits = random();
    id += digits[bits % digits.size()];
  }
  return id;
}

}  // namespace

std::string request_id_from(std::string_view sent) {
  const bool usable = !sent.empty() && sent.size() <= longest && std::all_of(sent.begin(), sent.end(), is_sane);
  return usable ? std::string(sent) : fresh();
}

}  // namespace rescue::http
