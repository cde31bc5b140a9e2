// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/password.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::credentials {
namespace {

constexpr std::string_view upper_case = "ACDEFGHJKLMNPQRTUVWX";
constexpr std::string_view lower_case = "abcdefghjkmnpqrtuvwx";
constexpr std::string_view digits = "34679";
constexpr std::string_view symbols = "!#%+-=.";

constexpr std::string_view same_key_capitals = "BCDEFGHJKNPRSTUVX";
constexpr std::string_view same_key_letters = "bcdefghjknprstuvx";
constexpr std::string_view typeable_digits = "234679";
constexpr std::size_t typeable_groups = 6;
constexpr std::size_t typeable_group_size = 4;

char one_of(std::string_view alphabet) {
  return alphabet[::randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
}

Secret typeable_password() {
  constexpr std::size_t letters = typeable_groups * typeable_group_size;
  Secret password(letters + 1);
  for (std::size_t at = 0; at < letters; ++at) {
    password.data()[at] = one_of(at % typeable_group_size == 0 ? same_key_capitals : same_key_letters);
  }
  password.data()[letters] = one_of(typeable_digits);
  return password;
}

std::vector<std::string_view> classes_of(const PasswordPolicy& policy) {
  std::vector<std::string_view> classes;
  if (policy.upper_case) classes.push_back(upper_case);
  if (policy.lower_case) classes.push_back(lower_case);
  if (policy.digits) classes.push_back(digits);
  if (policy.symbols) classes.push_back(symbols);
  return classes;
}

bool has_all(std::string_view password, const std::vector<std::string_view>& classes) {
  return std::all_of(classes.begin(), classes.end(), [&](std::string_view alphabet) {
    return password.find_first_of(alphabet) != std::string_view::npos;
  });
}

}  // namespace

void check(const PasswordPolicy& policy) {
  if (policy.form == PasswordForm::typeable) return;
  if (policy.length < 12 || policy.length > 64) {
    throw Error(ErrorCode::config_invalid, fmt::format("a password length of {} is not allowed", policy.length),
                "Choose a length from 12 to 64.");
  }
  if (classes_of(policy).size() < 3) {
    throw Error(ErrorCode::config_invalid, "the password policy can't meet Windows complexity",
                "Turn on at least three of upper_case, lower_case, digits and symbols.");
  }
}

Secret generate_password(const PasswordPolicy& policy) {
  check(policy);
  if (policy.form == PasswordForm::typeable) return typeable_password();
  const auto classes = classes_of(policy);
  std::string alphabet;
  for (const auto& one : classes) alphabet += one;
  Secret password(std::size_t{policy.length});
  // Draw again until every class occurs: this is uniform over all valid passwords, placing a class is not.
  do {
    std::generate_n(password.data(), password.size(), [&] { return one_of(alphabet); });
  } while (!has_all(password.reveal(), classes));
  return password;
}

}  // namespace rescue::credentials
