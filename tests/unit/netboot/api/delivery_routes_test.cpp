// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/deliveries.hpp"
#include "tests/unit/netboot/api_under_test.hpp"
#include "tests/unit/netboot/delivery/delivered.hpp"

namespace rescue::netboot::api {
namespace {

class DeliveryRoutes : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01"));
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
    options_.key_file = folder_ + "/secrets.key";
    options_.delivery = {{{"mail", ReceiverKind::mail}, {"panel", ReceiverKind::webhook}}, {}};
    make();
    queue_ = std::make_unique<Deliveries>(store(), options_.key_file, options_.delivery);
  }
  void TearDown() override {
    queue_.reset();
    ApiUnderTest::TearDown();
  }
  std::vector<DeliveryRecord> enqueue() {
    auto access = sample_access();
    access.facts.link_expires = store().now() + std::chrono::hours(24);
    return queue_->enqueue(access);
  }
  void send(const DeliveryRecord& record) {
    const auto claimed = queue_->claim(record.receiver, Milliseconds(60'000));
    ASSERT_TRUE(claimed);
    ASSERT_TRUE(queue_->attempted(*claimed, {DeliveryAttempt::Outcome::done, "250 2.0.0 OK"}));
  }
  static std::string path(const DeliveryRecord& record) { return "/v1/deliveries/d-" + std::to_string(record.id); }

  std::unique_ptr<Deliveries> queue_;
};

TEST_F(DeliveryRoutes, ShowStateAndResultAndNothingThatWasSaid) {
  const auto records = enqueue();
  send(records[0]);
  const auto list = as_admin("GET", "/v1/servers/web-01/deliveries");
  ASSERT_EQ(list.status, 200U) << list.body;
  const auto all = body_of(list)["deliveries"];
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["receiver"], "panel") << "the latest first";
  EXPECT_EQ(all[0]["state"], "waiting");
  EXPECT_EQ(all[1]["state"], "sent");
  EXPECT_EQ(all[1]["result"], "250 2.0.0 OK");
  EXPECT_EQ(all[1]["address"], "anna@customer.example");
  EXPECT_EQ(all[1]["next_attempt_at"], nullptr);
  EXPECT_EQ(body_of(as_admin("GET", path(records[0]))), all[1]);
  for (const auto* const secret : {"rescue.provider.example", "Kx9v", "SHA256"}) {
    EXPECT_EQ(list.body.find(secret), std::string::npos) << list.body;
  }
  EXPECT_EQ(as_admin("GET", "/v1/servers/db-01/deliveries").status, 200U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/nobody/deliveries").status, 404U);
  EXPECT_EQ(as_admin("GET", "/v1/deliveries/7").status, 404U);
}

TEST_F(DeliveryRoutes, TakeBouncesByReturnPathOrNumber) {
  const auto records = enqueue();
  const json by_path{{"return_path", return_path("bounces+{id}@provider.example", records[0].tag)},
                     {"reason", "5.1.1 unknown\r\nuser"}};
  EXPECT_EQ(as_admin("POST", "/v1/bounces", by_path).status, 409U) << "it was not sent";
  send(records[0]);
  const auto bounced = as_admin("POST", "/v1/bounces", by_path);
  ASSERT_EQ(bounced.status, 200U) << bounced.body;
  EXPECT_EQ(body_of(bounced)["state"], "bounced");
  EXPECT_EQ(body_of(bounced)["result"], "5.1.1 unknown user");
  const json by_number{{"delivery", "d-" + std::to_string(records[1].id)}};
  EXPECT_EQ(as_admin("POST", "/v1/bounces", by_number).status, 409U) << "it is no mail";
  for (const auto& bad : {json{{"reason", "x"}}, json{{"delivery", "d-1"}, {"return_path", "a@b"}}, json{{"more", 1}},
                          json{{"return_path", 1}}}) {
    EXPECT_EQ(as_admin("POST", "/v1/bounces", bad).status, 400U) << bad.dump();
  }
  EXPECT_EQ(as_admin("POST", "/v1/bounces", {{"return_path", "x@y.example"}}).status, 404U);
}

TEST_F(DeliveryRoutes, ResendWhatWaits) {
  const auto records = enqueue();
  EXPECT_EQ(as_admin("POST", path(records[0]) + "/resend").status, 200U);
  send(records[0]);
  EXPECT_EQ(as_admin("POST", path(records[0]) + "/resend").status, 409U);
}

TEST_F(DeliveryRoutes, AreThoseOfTheTokensServersOnly) {
  const auto records = enqueue();
  send(records[0]);
  const auto foreign = token("p", Role::panel, {"db-01"});
  EXPECT_EQ(ask(foreign, "GET", path(records[0])).status, 404U);
  EXPECT_EQ(ask(foreign, "POST", path(records[1]) + "/resend").status, 404U);
  EXPECT_EQ(
      ask(foreign, "POST", "/v1/bounces", {{"return_path", return_path("b+{id}@c.example", records[0].tag)}}).status,
      404U);
  const auto own = token("q", Role::read_only, {"web-01"});
  EXPECT_EQ(ask(own, "GET", path(records[0])).status, 200U);
  EXPECT_EQ(ask(own, "POST", path(records[1]) + "/resend").status, 403U);
}

}  // namespace
}  // namespace rescue::netboot::api
