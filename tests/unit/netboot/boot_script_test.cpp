// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/routes.hpp"
#include "stored.hpp"

namespace rescue::netboot::api {
namespace {

class BootScript : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    store().add_server(server_named("web-01"));
    options_.rescue_windows = ipxe::RescueBoot{"http://a/k", "http://a/i", "", "", 3};
  }
  std::string script(const std::string& path, const std::string& method = "GET") {
    return script_of(make_router(store(), options_), path, method);
  }
  static std::string script_of(const http::Router& router, const std::string& path, const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    request.path = path;
    const auto response = router.match(request).handler(request);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_TRUE(response.body.starts_with("#!ipxe\n# "));
    return response.body;
  }
  static bool boots_disk(const std::string& text) { return text.find("kernel") == std::string::npos; }
  void arm(LeasePolicy policy = LeasePolicy::until_finished) {
    (void)store().grant_lease(web_, rescue_for(std::chrono::hours(4), policy));
  }

  ApiOptions options_;
};

TEST_F(BootScript, BootsTheDiskByDefault) { EXPECT_TRUE(boots_disk(script("/boot/52:54:00:00:00:01.ipxe"))); }

TEST_F(BootScript, BootsRescueInEverySpellingOfTheAddress) {
  arm();
  for (const auto* const mac :
       {"52:54:00:00:00:01", "52-54-00-00-00-01", "525400000001", "5254.0000.0001", "01-52-54-00-00-00-01"}) {
    EXPECT_FALSE(boots_disk(script(std::string("/boot/") + mac + ".ipxe"))) << mac;
  }
  EXPECT_EQ(store().server(web_).lease.value().boots, 1U) << "within the window it is one boot";
}

TEST_F(BootScript, BootsTheDiskOfWhoeverIsUnknown) {
  for (const auto* const file :
       {"52:54:00:00:00:99.ipxe", "garbage.ipxe", ".ipxe", "x", "ff:ff:ff:ff:ff:ff.ipxe", "; shell.ipxe"}) {
    const auto text = script(std::string("/boot/") + file);
    EXPECT_TRUE(boots_disk(text)) << text;
    EXPECT_EQ(text.find("shell"), std::string::npos) << "nothing of the request comes back";
  }
}

TEST_F(BootScript, SaysWhyItIsTheDisk) {
  arm(LeasePolicy::once);
  EXPECT_FALSE(boots_disk(script("/boot/525400000001.ipxe")));
  EXPECT_NE(script("/boot/525400000001.ipxe").find("# web-01: disk, since the lease of rescue-windows is booted"),
            std::string::npos);
  clock_.advance(std::chrono::hours(4));
  EXPECT_NE(script("/boot/525400000001.ipxe").find("is expired"), std::string::npos);
}

TEST_F(BootScript, IsNotUsedUpByLookingAtItsHead) {
  arm(LeasePolicy::once);
  (void)script("/boot/525400000001.ipxe", "HEAD");
  EXPECT_FALSE(boots_disk(script("/boot/525400000001.ipxe")));
}

TEST_F(BootScript, BootsTheDiskWhenRescueIsNoLongerConfigured) {
  arm();
  options_.rescue_windows.reset();
  EXPECT_TRUE(boots_disk(script("/boot/525400000001.ipxe")));
  EXPECT_EQ(store().server(web_).lease.value().boots, 0U);
}

TEST_F(BootScript, IsTheLastKnownOneWhileTheDatabaseIsAway) {
  arm();
  const auto router = make_router(store(), options_);
  auto session = sql();
  session << "ALTER TABLE server_macs RENAME TO away";
  session << "ALTER TABLE leases RENAME TO leases_away";
  EXPECT_FALSE(boots_disk(script_of(router, "/boot/525400000001.ipxe")));
  EXPECT_TRUE(boots_disk(script_of(router, "/boot/525400000099.ipxe")));
}

TEST_F(BootScript, OfADiskNeedsNoThreadThatMayBlock) {
  const auto router = make_router(store(), options_);
  http::Request request;
  request.method = "GET";
  request.path = "/boot/525400000001.ipxe";
  const auto& route = router.match(request);
  const auto response = route.quick(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, route.handler(request).body);
  arm();
  EXPECT_FALSE(route.quick(request)) << "a rescue boot is counted first";
}

}  // namespace
}  // namespace rescue::netboot::api
