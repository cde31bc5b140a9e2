// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/target.hpp"
#include "netboot/api/routes.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot::api {
namespace {

class BootScript : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01"));
    options_.catalogue = full_catalogue();
  }
  std::string script(const std::string& path, const std::string& method = "GET") {
    return script_of(make_router(store(), options_), path, method);
  }
  static std::string script_of(const http::Router& router, const std::string& path, const std::string& method = "GET") {
    http::Request request;
    request.method = method;
    const auto* const whatever = router.whatever_is_below(path);
    const auto fault = http::read_target(path, request, whatever->slash);
    const auto response = fault ? whatever->handler(request) : router.match(request).handler(request);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_TRUE(response.body.starts_with("#!ipxe\n# "));
    return response.body;
  }
  static bool boots_disk(const std::string& text) { return text.find("kernel") == std::string::npos; }
  void arm(LeasePolicy policy = LeasePolicy::until_finished) {
    (void)leases().grant(web_, rescue_for(std::chrono::hours(4), policy));
  }

  void arm_with(const std::string& mode) {
    auto request = rescue_for(std::chrono::hours(4));
    request.mode = BootMode::try_parse(mode).value();
    request.has_agent = options_.catalogue.find(request.mode)->has_agent;
    (void)leases().grant(web_, request);
  }
  void know(const std::string& uuid, const std::string& serial) {
    (void)servers().change(web_, [&](Server& server) {
      server.uuid = uuid;
      server.serial = serial;
    });
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
  EXPECT_EQ(servers().state(web_).lease.value().boots, 1U) << "within the window it is one boot";
}

TEST_F(BootScript, BootsTheDiskOfWhoeverIsUnknown) {
  for (const auto* const file :
       {"52:54:00:00:00:99.ipxe", "garbage.ipxe", ".ipxe", "x", "ff:ff:ff:ff:ff:ff.ipxe", "%3B%20shell.ipxe"}) {
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

TEST_F(BootScript, BootsTheDiskWhenTheModeIsNoLongerConfigured) {
  for (const auto* const mode : {"rescue-windows", "memory-test"}) {
    options_.catalogue = full_catalogue();
    arm_with(mode);
    options_.catalogue = {};
    const auto text = script("/boot/525400000001.ipxe");
    EXPECT_TRUE(boots_disk(text));
    EXPECT_NE(text.find(std::string("# web-01: disk, since netbootd.yaml does not say what ") + mode + " boots"),
              std::string::npos)
        << text;
    EXPECT_EQ(servers().state(web_).lease.value().boots, 0U);
  }
}

TEST_F(BootScript, BootsWhatTheOperatorHasAdded) {
  arm_with("memory-test");
  EXPECT_NE(script("/boot/525400000001.ipxe").find("kernel --name vmlinuz http://a/memtest || goto failed\n"),
            std::string::npos);
  EXPECT_EQ(servers().state(web_).lease.value().boots, 1U);
  arm_with("installer");
  EXPECT_NE(script("/boot/525400000001.ipxe").find("chain --autofree http://a/installer.ipxe"), std::string::npos);
}

TEST_F(BootScript, HasASecondInitrdOnlyWhereThereIsAHostAgent) {
  options_.agent = {"http://n", "http://n", ""};
  arm();
  EXPECT_NE(script("/boot/525400000001.ipxe").find("http://n/boot/52-54-00-00-00-01/rescue-boot.cpio"),
            std::string::npos);
  for (const auto* const mode : {"rescue-linux", "memory-test", "installer"}) {
    arm_with(mode);
    EXPECT_EQ(script("/boot/525400000001.ipxe").find("rescue-boot.cpio"), std::string::npos) << mode;
  }
}

TEST_F(BootScript, IsFoundByUuidInEverySpelling) {
  options_.agent = {"http://n", "http://n", ""};
  know("4c4c4544-0042-3510-8056-b4c04f463132", "");
  arm();
  for (const auto* const uuid : {"4c4c4544-0042-3510-8056-b4c04f463132", "4C4C4544-0042-3510-8056-B4C04F463132",
                                 "4c4c4544004235108056b4c04f463132", "%7B4C4C4544-0042-3510-8056-B4C04F463132%7D"}) {
    const auto text = script(std::string("/boot/uuid/") + uuid + ".ipxe");
    EXPECT_NE(text.find("http://n/boot/52-54-00-00-00-01/rescue-boot.cpio"), std::string::npos) << text;
  }
  EXPECT_EQ(servers().state(web_).lease.value().boots, 1U) << "within the window it is one boot";
}

TEST_F(BootScript, IsFoundBySerialNumber) {
  know("", "B5V FS12+%");
  arm();
  for (const auto* const serial : {"B5V%20FS12%2B%25", "B5V%20FS12+%25", "%20B5V%20FS12%2b%25%20%20"}) {
    EXPECT_FALSE(boots_disk(script(std::string("/boot/serial/") + serial + ".ipxe"))) << serial;
  }
  EXPECT_FALSE(boots_disk(script("/boot/serial/b5v%20fs12%2B%25.ipxe"))) << "in either case";
}

TEST_F(BootScript, BootsTheDiskOfWhoeverHasNoSuchUuidOrSerialNumber) {
  know("4c4c4544-0042-3510-8056-b4c04f463132", "B5VFS12");
  arm();
  for (const auto* const file :
       {"uuid/00000000-0000-0000-0000-000000000000.ipxe", "uuid/4c4c4544-0042-3510-8056-b4c04f463133.ipxe",
        "uuid/shell.ipxe", "uuid/.ipxe", "uuid/4c4c4544.ipxe", "uuid/4c4c4544-0042-3510-8056-b4c04f463132",
        "uuid/-4c4c454004235108056b4c04f463132.ipxe", "serial/.ipxe", "serial/%20.ipxe", "serial/B5VFS12",
        "serial/none.ipxe", "serial/%26%26%20shell.ipxe", "serial/%F0%9F%98%80%20shell.ipxe",
        "serial/B5VFS12' OR 1=1.ipxe"}) {
    std::string target = std::string("/boot/") + file;
    for (auto at = target.find(' '); at != std::string::npos; at = target.find(' ')) target.replace(at, 1, "%20");
    const auto text = script(target);
    EXPECT_TRUE(boots_disk(text)) << text;
    EXPECT_EQ(text.find("shell"), std::string::npos) << "nothing of the request comes back";
  }
  EXPECT_TRUE(boots_disk(script("/boot/serial/" + std::string(8000, 'A') + ".ipxe")));
}

TEST_F(BootScript, OfWhoHasNoTextInAScriptNeverHasALineOfTheRequest) {
  for (const auto* const target :
       {"/boot/serial/a%0Ashell.ipxe", "/boot/serial/a%2Fshell.ipxe", "/boot/uuid/a%00shell.ipxe",
        "/boot/uuid/a%2Fshell.ipxe", "/boot/%zzshell.ipxe", "/boot/serial/%", "/boot/serial/%2F",
        "/boot/serial/a/../shell", "/boot/serial/a%2F..%2Fshell.ipxe", "/boot/a.ipxe?shell&shell",
        "http://n/boot/serial/%zzshell.ipxe"}) {
    const auto text = script(target);
    EXPECT_TRUE(boots_disk(text)) << target;
    EXPECT_EQ(text.find("shell"), std::string::npos) << target;
  }
}

TEST_F(BootScript, IsFoundBySerialNumberWhateverIPxeLeavesUnescaped) {
  know("", "CZ/12&3+4;5=6,7/8");
  arm();
  for (const auto* const serial :
       {"CZ/12&3+4;5=6,7/8", "CZ%2F12%263%2B4%3B5%3D6%2C7%2F8", "CZ%2f12&3+4;5=6,7/8", "CZ/12%263+4;5=6,7%2F8"}) {
    EXPECT_FALSE(boots_disk(script(std::string("/boot/serial/") + serial + ".ipxe"))) << serial;
    EXPECT_FALSE(boots_disk(script(std::string("http://n:8080/boot/serial/") + serial + ".ipxe"))) << serial;
  }
  know("", "A//B");
  EXPECT_FALSE(boots_disk(script("/boot/serial/A//B.ipxe")));
  EXPECT_FALSE(boots_disk(script("/boot/serial/A%2F%2FB.ipxe")));
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
  know("4c4c4544-0042-3510-8056-b4c04f463132", "B5VFS12");
  const auto fresh = make_router(store(), options_);
  for (const auto* const path : {"/boot/uuid/4C4C4544-0042-3510-8056-B4C04F463132.ipxe", "/boot/serial/B5VFS12.ipxe"}) {
    http::Request asked;
    asked.method = "GET";
    asked.path = path;
    const auto same = fresh.match(asked).quick(asked);
    ASSERT_TRUE(same) << path;
    EXPECT_NE(same->body.find("# web-01: disk"), std::string::npos);
  }
  arm();
  EXPECT_FALSE(route.quick(request)) << "a rescue boot is counted first";
}

}  // namespace
}  // namespace rescue::netboot::api
