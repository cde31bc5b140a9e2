// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Logins that are repeated until a guest has made a change.
#include "core/access/repeated.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>

namespace rescue::access {
namespace {

class RepeatedLogin : public ::testing::Test {
protected:
  /// Logins of a server that does not answer the first `silent` times, and refuses from login `right` on.
  SshResult repeat(unsigned silent, unsigned right) {
    const auto attempt = [&, this] {
      SshResult result;
      if (++logins_ > silent) {
        result.readiness = Readiness::banner;
        result.host_key_fingerprint = "SHA256:a";
      }
      result.refused = logins_ >= right;
      return result;
    };
    return repeated_login(clock_, stop_.get_token(), attempt, &SshResult::refused);
  }

  tests::FakeClock clock_;
  std::stop_source stop_;
  unsigned logins_ = 0;
};

TEST_F(RepeatedLogin, EndsWithTheFirstThatIsRight) {
  EXPECT_TRUE(repeat(0, 2).refused);
  EXPECT_EQ(logins_, 2U);
}

TEST_F(RepeatedLogin, EndsAfterThreeAnswers) {
  EXPECT_FALSE(repeat(0, 100).refused);
  EXPECT_EQ(logins_, 3U);
}

TEST_F(RepeatedLogin, WaitsTenSecondsForAServerThatStartsAgain) {
  const auto began = clock_.now();
  EXPECT_TRUE(repeat(18, 19).refused);
  EXPECT_EQ(clock_.now() - began, Milliseconds(9'000));
  logins_ = 0;
  EXPECT_EQ(repeat(100, 100).readiness, Readiness::unreachable);
  EXPECT_EQ(logins_, 20U);
}

TEST_F(RepeatedLogin, IsStopped) {
  stop_.request_stop();
  EXPECT_THROW((void)repeat(100, 100), Error);
  EXPECT_EQ(logins_, 1U);
}

}  // namespace
}  // namespace rescue::access
