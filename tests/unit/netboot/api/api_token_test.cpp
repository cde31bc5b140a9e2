// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/api/moment.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

namespace rescue::netboot::api {
namespace {

class ApiToken : public ApiUnderTest {
protected:
  json create(const json& body) {
    const auto response = as_admin("POST", "/v1/tokens", body);
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response);
  }
  json show(const json& token) { return body_of(as_admin("GET", "/v1/tokens/" + token["id"].get<std::string>())); }
};

TEST_F(ApiToken, IsShownOnceAtItsCreation) {
  const auto made = create({{"name", "panel-eu"}, {"role", "panel"}, {"servers", {"web-01"}}});
  const auto text = made["token"].get<std::string>();
  EXPECT_EQ(made["created_by"], "admin");
  EXPECT_EQ(made["servers"], json({"web-01"}));
  EXPECT_EQ(ask(text, "GET", "/v1/servers").status, 200U);
  const auto listed = as_admin("GET", "/v1/tokens");
  EXPECT_EQ(listed.body.find(text), std::string::npos);
  EXPECT_EQ(body_of(listed)["tokens"].size(), 2U) << "the admin's own is there too";
  EXPECT_FALSE(show(made).contains("token"));
}

TEST_F(ApiToken, LeavesNoBytesOfItselfInTheDatabase) {
  if (on_postgresql()) GTEST_SKIP() << "files are SQLite's";
  const auto text = create({{"name", "x"}, {"role", "operator"}})["token"].get<std::string>();
  ASSERT_EQ(ask(text, "GET", "/v1/servers").status, 200U);
  for (const auto* const suffix : {"", "-wal"}) {
    const auto bytes = read_file(path() + suffix);
    EXPECT_EQ(bytes.find(text), std::string::npos);
    EXPECT_EQ(bytes.find(admin_), std::string::npos);
    EXPECT_EQ(bytes.find(text.substr(7)), std::string::npos);
  }
}

TEST_F(ApiToken, HasANameOfItsOwnUntilItIsRevoked) {
  const json wanted{{"name", "panel"}, {"role", "panel"}};
  const auto first = create(wanted);
  EXPECT_EQ(as_admin("POST", "/v1/tokens", wanted).status, 409U);
  EXPECT_EQ(as_admin("DELETE", "/v1/tokens/" + first["id"].get<std::string>()).status, 204U);
  EXPECT_NE(create(wanted)["id"], first["id"]);
}

TEST_F(ApiToken, IsWorthNothingOnceRevoked) {
  const auto made = create({{"name", "x"}, {"role", "operator"}});
  const auto path = "/v1/tokens/" + made["id"].get<std::string>();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(as_admin("DELETE", path).status, 204U);
  const auto refused = ask(made["token"], "GET", "/v1/servers");
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(code_in(refused), "token-revoked");
  EXPECT_EQ(show(made)["state"], "revoked");
  EXPECT_EQ(show(made)["revoked_by"], "admin");
}

TEST_F(ApiToken, ExpiresAtItsTime) {
  const auto made =
      create({{"name", "x"}, {"role", "operator"}, {"expires_at", rfc3339(clock_.wall() + std::chrono::hours(1))}});
  clock_.advance(std::chrono::minutes(59));
  EXPECT_EQ(ask(made["token"], "GET", "/v1/servers").status, 200U);
  clock_.advance(std::chrono::minutes(1));
  const auto refused = ask(made["token"], "GET", "/v1/servers");
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(code_in(refused), "token-expired");
  EXPECT_EQ(show(made)["state"], "expired");
}

TEST_F(ApiToken, RemembersItsLastUseToTheMinute) {
  const auto made = create({{"name", "x"}, {"role", "operator"}});
  EXPECT_TRUE(show(made)["last_used_at"].is_null());
  const auto first = clock_.wall();
  (void)ask(made["token"], "GET", "/v1/servers");
  EXPECT_EQ(show(made)["last_used_at"], rfc3339(first));
  EXPECT_EQ(show(made)["last_used_from"], "192.0.2.99");
  peer_ = "192.0.2.100";
  clock_.advance(std::chrono::seconds(59));
  (void)ask(made["token"], "GET", "/v1/servers");
  EXPECT_EQ(show(made)["last_used_at"], rfc3339(first));
  clock_.advance(std::chrono::seconds(1));
  (void)ask(made["token"], "GET", "/v1/servers");
  EXPECT_EQ(show(made)["last_used_at"], rfc3339(first + std::chrono::minutes(1)));
  EXPECT_EQ(show(made)["last_used_from"], "192.0.2.100");
}

TEST_F(ApiToken, IsRefusedWithWhatMakesNoSense) {
  const json good{{"name", "x"}, {"role", "operator"}};
  const std::vector<json> wrong{{{"name", "a b"}},
                                {{"name", std::string(65, 'x')}},
                                {{"role", "agent"}},
                                {{"role", "root"}},
                                {{"servers", json::array()}},
                                {{"servers", {"Web"}}},
                                {{"expires_at", "tomorrow"}},
                                {{"expires_at", rfc3339(clock_.wall())}},
                                {{"role", "admin"}, {"servers", {"web-01"}}},
                                {{"hash", "x"}}};
  for (const auto& change : wrong) {
    auto body = good;
    body.update(change);
    EXPECT_EQ(as_admin("POST", "/v1/tokens", body).status, 400U) << body;
  }
  for (const auto* const id : {"k-99", "x", "k-", "1", "k-1x"}) {
    EXPECT_EQ(as_admin("GET", std::string("/v1/tokens/") + id).status, 404U) << id;
  }
}

TEST(Moment, IsReadAsRfc3339SaysIt) {
  const auto moment = moment_from("2026-11-21T08:34:19Z");
  EXPECT_EQ(rfc3339(moment), "2026-11-21T08:34:19.000Z");
  EXPECT_EQ(moment_from("2026-11-21T09:34:19+01:00"), moment);
  EXPECT_EQ(moment_from("2026-11-21T08:34:19.250z"), moment + Milliseconds(250));
  for (const auto* const wrong : {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z",
                                  "2026-11-21T08:34:19", "2026-11-21T08:34:19.Z", "2026-11-21T08:34:19Zx",
                                  "2026-1-21T08:34:19Z", "-026-11-21T08:34:19Z", "2026-11-21T08:34:19+25:00"}) {
    EXPECT_THROW((void)moment_from(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace rescue::netboot::api
