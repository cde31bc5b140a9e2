// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "credentials/password.hpp"
#include "tests/doubles/thrown.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rescue::tests {
namespace {

using credentials::generate_password;
using credentials::PasswordPolicy;

bool has(std::string_view password, std::string_view alphabet) {
  return password.find_first_of(alphabet) != std::string_view::npos;
}

TEST(Password, AlwaysMeetsWindowsComplexity) {
  PasswordPolicy shortest;
  shortest.length = 12;
  for (int i = 0; i < 2000; ++i) {
    const auto password = generate_password(shortest);
    ASSERT_EQ(password.size(), 12U);
    ASSERT_TRUE(has(password.reveal(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    ASSERT_TRUE(has(password.reveal(), "abcdefghijklmnopqrstuvwxyz"));
    ASSERT_TRUE(has(password.reveal(), "0123456789"));
  }
}

TEST(Password, HasNoLookAlikesAndNoKeysThatMove) {
  PasswordPolicy policy;
  policy.symbols = true;
  for (int i = 0; i < 2000; ++i) {
    const auto password = generate_password(policy);
    ASSERT_FALSE(has(password.reveal(), "0Oo1lIi|2Zz5Ss8Byz'\"`")) << "in a generated password";
  }
}

TEST(Password, HasEveryClassThatIsOn) {
  PasswordPolicy policy;
  policy.symbols = true;
  policy.digits = false;
  for (int i = 0; i < 500; ++i) {
    const auto password = generate_password(policy);
    ASSERT_TRUE(has(password.reveal(), "!#%+-=."));
    ASSERT_FALSE(has(password.reveal(), "0123456789"));
  }
}

TEST(Password, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.emplace(generate_password({}).reveal()).second);
}

TEST(Password, RefusesAPolicyThatWindowsWouldRefuse) {
  PasswordPolicy policy;
  policy.digits = false;
  EXPECT_EQ(error_of([&] { (void)generate_password(policy); }).code(), ErrorCode::config_invalid);
  policy.digits = true;
  policy.length = 11;
  EXPECT_EQ(error_of([&] { (void)generate_password(policy); }).code(), ErrorCode::config_invalid);
}

}  // namespace
}  // namespace rescue::tests
