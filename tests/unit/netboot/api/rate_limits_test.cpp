// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/rate_limits.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

namespace rescue::netboot::api {
namespace {

TEST(RateLimit, LetsABurstThroughAndThenItsRate) {
  tests::FakeClock clock;
  Buckets buckets({2, 3}, clock);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a"));
  EXPECT_EQ(buckets.take("a"), Milliseconds(500));
  EXPECT_FALSE(buckets.take("b")) << "another's";
  clock.advance(Milliseconds(500));
  EXPECT_FALSE(buckets.take("a"));
  EXPECT_TRUE(buckets.take("a"));
  clock.advance(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a")) << i;
  EXPECT_TRUE(buckets.take("a")) << "a pause saves no more than a burst";
}

TEST(RateLimit, IsNoneWhenTheRateIsNought) {
  tests::FakeClock clock;
  Buckets buckets({0, 1}, clock);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(buckets.take("a"));
  EXPECT_EQ(buckets.size(), 0U);
}

TEST(RateLimit, DoesNotGrowWithoutEnd) {
  tests::FakeClock clock;
  Buckets buckets({1, 1}, clock);
  for (int i = 0; i < 60'000; ++i) (void)buckets.take(std::to_string(i));
  EXPECT_LE(buckets.size(), 50'000U);
}

class Limited : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    options_.limits = {{1, 3}, {1, 3}, {1, 3}, {1, 2}};
    make();
  }
};

TEST_F(Limited, TokenIsToldWhenToComeAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U);
  const auto refused = as_admin("GET", "/v1/servers");
  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(code_in(refused), "too-many-requests");
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_EQ(refused.headers.back(), (std::pair<std::string, std::string>("Retry-After", "1")));
  EXPECT_EQ(ask(token("other", Role::panel), "GET", "/v1/servers").status, 200U) << "another token";
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U);
  EXPECT_EQ(options_.refusals->limited, 1U);
}

TEST_F(Limited, NobodyBeginsAnewWithANewRouter) {
  options_.allowances = std::make_shared<Allowances>(options_.limits, clock_);
  make();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U);
  make();
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 429U);
  options_.allowances->set({{2, 3}, {1, 3}, {1, 3}, {1, 2}});
  clock_.advance(Milliseconds(500));
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U) << "twice as often as before";
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 429U);
  options_.allowances->set({});
  options_.allowances->of_tokens.set({0, 0});
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U);
}

TEST_F(Limited, GuesserIsStoppedAndNobodyElseAtItsAddress) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask("rescue_guess", "GET", "/v1/servers").status, 401U);
  EXPECT_EQ(ask("rescue_guess", "GET", "/v1/servers").status, 429U);
  EXPECT_EQ(ask("", "GET", "/v1/servers").status, 429U);
  EXPECT_EQ(as_admin("GET", "/v1/servers").status, 200U) << "a good token is good from everywhere";
  peer_ = "192.0.2.1";
  EXPECT_EQ(ask("rescue_guess", "GET", "/v1/servers").status, 401U);
}

TEST_F(Limited, GuesserOfBootTokensIsStopped) {
  const json body{{"agent_token_sha256", std::string(64, 'a')}, {"version", "1"}};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask("rescue_guess", "POST", "/v1/agent/redeem", body).status, 401U);
  EXPECT_EQ(ask("rescue_guess", "POST", "/v1/agent/redeem", body).status, 429U);
}

TEST_F(Limited, ServersThatBootAreNot) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(ask("", "GET", "/boot/52-54-00-00-00-01.ipxe").status, 200U);
    ASSERT_EQ(ask("", "GET", "/healthz").status, 200U);
  }
}

}  // namespace
}  // namespace rescue::netboot::api
