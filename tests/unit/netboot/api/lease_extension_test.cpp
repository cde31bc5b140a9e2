// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The end of a rescue's lease: moved by people and panels, announced by an event.
#include "netboot/events/events.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

using ::testing::HasSubstr;

class LeaseExtension : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    options_.agent.url = "http://192.0.2.1:8470";
    make();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.1"));
    const auto started = as_admin("POST", path_, {{"power", "none"}, {"ttl", "4h"}});
    ASSERT_EQ(started.status, 202U) << started.body;
  }
  [[nodiscard]] std::string ends() { return body_of(as_admin("GET", path_))["lease"]["expires_at"]; }
  http::Response extend(const json& body) { return as_admin("POST", path_ + "/extend", body); }

  const std::string path_ = "/v1/servers/web-01/rescue";
};

TEST_F(LeaseExtension, MovesTheEndForTheServerAndItsHost) {
  const auto moved = extend({{"ttl", "8h"}});
  ASSERT_EQ(moved.status, 200U) << moved.body;
  EXPECT_EQ(body_of(moved)["lease"]["expires_at"], rfc3339(clock_.wall() + std::chrono::hours(8)));
  EXPECT_EQ(ends(), body_of(moved)["lease"]["expires_at"].get<std::string>());
  const auto mode = as_admin("GET", "/v1/servers/web-01/boot-mode");
  const auto is_tag = [](const auto& header) { return header.first == "ETag"; };
  EXPECT_EQ(*std::find_if(moved.headers.begin(), moved.headers.end(), is_tag),
            *std::find_if(mode.headers.begin(), mode.headers.end(), is_tag));
}

TEST_F(LeaseExtension, ChangesNothingTheSecondTime) {
  const json order{{"until", rfc3339(clock_.wall() + std::chrono::hours(10))}};
  ASSERT_EQ(extend(order).status, 200U);
  clock_.advance(std::chrono::minutes(5));
  const auto again = extend(order);
  ASSERT_EQ(again.status, 200U) << again.body;
  EXPECT_EQ(body_of(again)["lease"]["expires_at"], order["until"]);
}

TEST_F(LeaseExtension, NeverShortensALease) {
  const auto before = ends();
  const auto shorter = extend({{"ttl", "1h"}});
  EXPECT_EQ(shorter.status, 409U) << shorter.body;
  EXPECT_THAT(shorter.body, HasSubstr("rescue finish"));
  EXPECT_EQ(ends(), before);
}

TEST_F(LeaseExtension, HasALimit) {
  EXPECT_EQ(extend({{"ttl", "25h"}}).status, 400U);
  const auto far = extend({{"until", rfc3339(clock_.wall() + std::chrono::hours(25))}});
  EXPECT_EQ(far.status, 400U) << far.body;
  EXPECT_THAT(far.body, HasSubstr("lease.longest_ttl"));
}

TEST_F(LeaseExtension, NeedsOneEnd) {
  for (const auto& body : {json::object(), json{{"ttl", "5h"}, {"until", "2099-01-01T00:00:00Z"}},
                           json{{"until", "soon"}}, json{{"ttl", "0s"}}, json{{"ttl", "5h"}, {"force", true}}}) {
    EXPECT_EQ(extend(body).status, 400U) << body;
  }
}

TEST_F(LeaseExtension, NeedsALease) {
  servers().add(server_named("web-02", "52:54:00:00:00:02"));
  const auto disk = as_admin("POST", "/v1/servers/web-02/rescue/extend", {{"ttl", "5h"}});
  EXPECT_EQ(disk.status, 409U) << disk.body;
  EXPECT_EQ(as_admin("POST", "/v1/servers/web-77/rescue/extend", {{"ttl", "5h"}}).status, 404U);
  clock_.advance(std::chrono::hours(5));
  const auto expired = extend({{"ttl", "5h"}});
  EXPECT_EQ(expired.status, 409U) << expired.body;
}

TEST_F(LeaseExtension, IsForThoseWhoMayOperate) {
  const auto path = path_ + "/extend";
  EXPECT_EQ(ask(token("reader", Role::read_only), "POST", path, {{"ttl", "5h"}}).status, 403U);
  EXPECT_EQ(ask(token("other", Role::panel, {"web-02"}), "POST", path, {{"ttl", "5h"}}).status, 404U);
  EXPECT_EQ(ask(token("panel", Role::panel, {"web-01"}), "POST", path, {{"ttl", "5h"}}).status, 200U);
  const auto audit = body_of(as_admin("GET", "/v1/audit"));
  EXPECT_THAT(audit.dump(), HasSubstr("/rescue/extend"));
}

TEST_F(LeaseExtension, IsAnnouncedBeforeItsEndOnceForEachEnd) {
  Events events(store());
  const auto announced = [&] {
    events.announce_lease_ends();
    events.record();
    std::vector<std::string> found;
    for (const auto& event : events.after(0, 100)) {
      if (event.kind == "lease-ends-soon") found.push_back(event.data);
    }
    return found;
  };
  EXPECT_EQ(announced().size(), 0U);
  clock_.advance(std::chrono::minutes(190));
  ASSERT_EQ(announced().size(), 1U);
  EXPECT_EQ(announced().size(), 1U) << "once";
  const auto data = json::parse(announced().front());
  EXPECT_EQ(data["server"], "web-01");
  EXPECT_EQ(data["expires_at"], ends());
  ASSERT_EQ(extend({{"ttl", "4h"}}).status, 200U);
  EXPECT_EQ(announced().size(), 1U);
  clock_.advance(std::chrono::minutes(190));
  EXPECT_EQ(announced().size(), 2U) << "the new end is announced, too";
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "disk"}, {"force", true}}).status, 200U);
  clock_.advance(std::chrono::minutes(10));
  EXPECT_EQ(announced().size(), 2U);
}

}  // namespace
}  // namespace rescue::netboot::api
