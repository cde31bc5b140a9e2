// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

class NetbootApi : public DaemonUnderTest {
protected:
  static std::string code(const http::Response& response) {
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body["status"], response.status);
    return body["code"];
  }
  void add_web() const {
    ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})").status, 201U);
  }
};

TEST_F(NetbootApi, SaysOkCreatedAndGone) {
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
  EXPECT_EQ(ask("GET", "/boot/.ipxe").status, 200U) << "of a firmware that could not fill in its address";
  const auto created = as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})");
  EXPECT_EQ(created.status, 201U);
  EXPECT_NE(std::find(created.headers.begin(), created.headers.end(),
                      std::pair<std::string, std::string>("Location", "/v1/servers/web-01")),
            created.headers.end());
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 200U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01").status, 204U);
}

TEST_F(NetbootApi, RefusesBadInputWith400) {
  add_web();
  EXPECT_EQ(code(as_admin("POST", "/v1/servers", "{")), "usage");
  const auto unknown = as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk", "untill": 1})");
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_NE(unknown.body.find("untill"), std::string::npos);
  EXPECT_EQ(as_admin("GET", "/v1/servers/..%2f..").status, 400U);
}

TEST_F(NetbootApi, AsksForATokenWith401) {
  const auto none = ask("GET", "/v1/servers");
  EXPECT_EQ(none.status, 401U);
  EXPECT_EQ(code(none), "denied");
  EXPECT_EQ(ask("GET", "/v1/servers", "", Secret("wrong")).status, 401U);
}

TEST_F(NetbootApi, KeepsAgentsToTheirOwnWith403) {
  add_web();
  const auto issued = nlohmann::json::parse(as_admin("POST", "/v1/servers/web-01/agent-token").body);
  const auto agent = [&issued] { return Secret(issued["token"].get<std::string>()); };
  EXPECT_EQ(ask("GET", "/v1/servers/web-01/boot-mode", "", agent()).status, 200U);
  EXPECT_EQ(ask("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk"})", agent()).status, 200U);
  const auto refused = ask("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})", agent());
  EXPECT_EQ(refused.status, 403U);
  EXPECT_EQ(code(refused), "denied");
  EXPECT_EQ(ask("GET", "/v1/servers", "", agent()).status, 403U);
}

TEST_F(NetbootApi, SaysWhatIsNotThereWith404) {
  EXPECT_EQ(code(as_admin("GET", "/v1/servers/web-01")), "not-found");
  EXPECT_EQ(as_admin("GET", "/v2").status, 404U);
}

TEST_F(NetbootApi, NamesTheMethodsOfAPathWith405) {
  const auto response = as_admin("PUT", "/v1/servers/web-01");
  EXPECT_EQ(response.status, 405U);
  EXPECT_NE(std::find(response.headers.begin(), response.headers.end(),
                      std::pair<std::string, std::string>("Allow", "DELETE, GET, PATCH")),
            response.headers.end());
}

TEST_F(NetbootApi, RefusesDuplicatesWith409) {
  add_web();
  EXPECT_EQ(code(as_admin("POST", "/v1/servers", R"({"name": "web-02", "macs": ["5254.0012.3456"]})")), "conflict");
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01").status, 409U);
}

TEST_F(NetbootApi, RefusesLargeBodiesWith413) {
  EXPECT_EQ(as_admin("POST", "/v1/servers", std::string(100'000, ' ')).status, 413U);
}

TEST_F(NetbootApi, RefusesRescueWithNothingToBootWith422) {
  add_web();
  configure("");
  ASSERT_EQ(stop(), 0);
  start();
  const auto response = as_admin("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows"})");
  EXPECT_EQ(response.status, 422U);
  EXPECT_EQ(code(response), "precondition");
}

TEST_F(NetbootApi, SaysThatTheDatabaseFailsWith503AndStillBootsDisks) {
  add_web();
  auto database = sql();
  if (!on_postgresql()) database << "PRAGMA busy_timeout = 10000";  // waits for netbootd's clean-up
  database << "ALTER TABLE servers RENAME TO elsewhere";
  const auto response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(code(response), "unavailable");
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  const auto script = ask("GET", "/boot/525400123456.ipxe");
  EXPECT_EQ(script.status, 200U);
  EXPECT_TRUE(script.body.starts_with("#!ipxe"));
  EXPECT_EQ(script.body.find("kernel"), std::string::npos);
}

TEST_F(NetbootApi, BootsTheDiskOfWhoeverItDoesNotKnow) {
  add_web();
  for (const auto* const path :
       {"/boot/x", "/boot/525400000099.ipxe", "/boot/uuid/.ipxe",
        "/boot/uuid/4c4c4544-0042-3510-8056-b4c04f463132.ipxe", "/boot/serial/.ipxe", "/boot/serial/B5V%20FS12.ipxe",
        "/boot/serial/%C3%A4.ipxe", "/boot/serial/N%2FA.ipxe", "/boot/serial/N/A.ipxe", "/boot/serial/%zz.ipxe",
        "/boot/uuid/%2F", "/boot/a.ipxe?x=1&x=2", "/boot/serial/a%0Ashell.ipxe"}) {
    const auto script = ask("GET", path);
    EXPECT_EQ(script.status, 200U) << path;
    EXPECT_EQ(script.content_type, "text/plain");
    EXPECT_NE(script.body.find("sanboot --no-describe --drive 0x80 || exit"), std::string::npos) << script.body;
  }
  EXPECT_EQ(ask("PUT", "/boot/serial/a%0Ashell.ipxe").status, 400U) << "no firmware asks so";
}

TEST_F(NetbootApi, LeasesARescueBoot) {
  add_web();
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode",
                     R"({"mode": "rescue-windows", "policy": "once", "ttl": "4h", "reason": "locked out"})")
                .status,
            200U);
  const auto rescue = ask("GET", "/boot/52-54-00-12-34-56.ipxe");
  EXPECT_EQ(rescue.content_type, "text/plain");
  EXPECT_NE(rescue.body.find("http://192.0.2.10/rescue/vmlinuz"), std::string::npos);
  EXPECT_EQ(ask("GET", "/boot/52-54-00-12-34-56.ipxe").body.find("vmlinuz"), std::string::npos);
  const auto after = nlohmann::json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body);
  EXPECT_EQ(after["mode"], "disk");
  EXPECT_EQ(after["lease"]["state"], "booted");
}

}  // namespace
}  // namespace rescue::netboot
