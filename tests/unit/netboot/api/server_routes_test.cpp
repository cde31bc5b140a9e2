// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr auto web = "/v1/servers/web-01";
const json web_01{{"name", "web-01"}, {"macs", {"52:54:00:00:00:01"}}};

class ServerRoutes : public Asked {};

TEST_F(ServerRoutes, KeepWhatTellsAServerApart) {
  auto server = web_01;
  server["uuid"] = "4C4C4544-0042-3510-8056-B4C04F463132";
  server["serial"] = "B5V FS12";
  server["tags"] = {"rack-12", "hosting"};
  server["notes"] = "second power supply is broken\nticket 12";
  add(server);
  const auto shown = body_of(as_admin("GET", web));
  EXPECT_EQ(shown["uuid"], "4c4c4544-0042-3510-8056-b4c04f463132");
  EXPECT_EQ(shown["serial"], "B5V FS12");
  EXPECT_EQ(shown["tags"], json({"hosting", "rack-12"})) << "sorted";
  EXPECT_EQ(shown["notes"], server["notes"]);
}

TEST_F(ServerRoutes, RefuseWhatAnotherServerHas) {
  auto server = web_01;
  server["uuid"] = "4c4c4544-0042-3510-8056-b4c04f463132";
  server["serial"] = "B5VFS12";
  add(server);
  const auto refused = [this](const char* key, const json& value) {
    json other{{"name", "web-02"}, {"macs", {"52:54:00:00:00:02"}}};
    other[key] = value;
    const auto response = as_admin("POST", "/v1/servers", other);
    EXPECT_EQ(response.status, 409U) << response.body;
    return body_of(response)["detail"].get<std::string>();
  };
  EXPECT_NE(refused("uuid", "4c4c4544004235108056b4c04f463132").find("belongs to the server 'web-01'"),
            std::string::npos);
  EXPECT_NE(refused("serial", "B5VFS12").find("serial number B5VFS12 belongs"), std::string::npos);
  EXPECT_NE(refused("macs", {"5254.0000.0001"}).find("MAC address 52:54:00:00:00:01 belongs"), std::string::npos);
  EXPECT_EQ(as_admin("PATCH", web, {{"serial", "B5VFS12"}}).status, 200U) << "its own";
}

TEST_F(ServerRoutes, RefuseWhatTellsNoServerApart) {
  const auto status_of = [this](const char* key, const json& value) {
    auto server = web_01;
    server[key] = value;
    const auto response = as_admin("POST", "/v1/servers", server);
    if (response.status == 201U) (void)as_admin("DELETE", web);
    return response.status;
  };
  for (const auto* const uuid : {"00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                                 "03000200-0400-0500-0006-000700080009", "4c4c4544-0042-3510-8056", "4c4c-", "{}"}) {
    EXPECT_EQ(status_of("uuid", uuid), 400U) << uuid;
  }
  EXPECT_EQ(status_of("uuid", "{4C4C4544-0042-3510-8056-B4C04F463132}"), 201U);
  for (const auto* const serial : {"To Be Filled By O.E.M.", "None", "", " a", "a\n", "\xc3\xa4"}) {
    EXPECT_EQ(status_of("serial", serial), 400U) << serial;
  }
  for (const auto* const tag : {"", "Rack", "-a", "a b", "a/b", "\xd0\xb0"}) {
    EXPECT_EQ(status_of("tags", {tag}), 400U) << tag;
  }
  EXPECT_EQ(status_of("tags", {"a", "a"}), 400U);
  EXPECT_EQ(status_of("notes", "a\x1b[31m"), 400U);
}

TEST_F(ServerRoutes, ChangeWhatAPatchNames) {
  auto server = web_01;
  server["address"] = "203.0.113.7";
  server["notes"] = "old";
  add(server);
  const auto changed = as_admin("PATCH", web, {{"macs", {"525400000002", "525400000001"}}, {"notes", nullptr}});
  ASSERT_EQ(changed.status, 200U) << changed.body;
  EXPECT_EQ(changed.body, as_admin("GET", web).body);
  const auto shown = body_of(changed);
  EXPECT_EQ(shown["macs"], json({"52:54:00:00:00:02", "52:54:00:00:00:01"}));
  EXPECT_EQ(shown["address"], "203.0.113.7");
  EXPECT_TRUE(shown["notes"].is_null());
  EXPECT_EQ(boot("52:54:00:00:00:02"), BootMode::disk) << "the card is known";
}

TEST_F(ServerRoutes, RefuseAPatchThatLeavesNoServer) {
  auto server = web_01;
  server["loader"] = R"(\EFI\x.efi)";
  add(server);
  EXPECT_EQ(as_admin("PATCH", web, {{"macs", nullptr}}).status, 400U);
  EXPECT_EQ(as_admin("PATCH", web, {{"macs", json::array()}}).status, 400U);
  EXPECT_EQ(as_admin("PATCH", web, {{"name", "web-02"}}).status, 400U);
  EXPECT_EQ(as_admin("PATCH", web, {{"firmware", "bios"}}).status, 400U) << "it has an EFI loader";
  EXPECT_EQ(as_admin("PATCH", web, {{"firmware", "bios"}, {"loader", nullptr}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-02", {{"notes", "x"}}).status, 404U);
}

TEST_F(ServerRoutes, LetTheFirstOfTwoChangesStand) {
  add(web_01);
  const auto tag = header(as_admin("GET", web), "ETag");
  ASSERT_FALSE(tag.empty());
  const auto first = as_admin("PATCH", web, {{"notes", "first"}}, {{"if-match", tag}});
  ASSERT_EQ(first.status, 200U);
  const auto second = as_admin("PATCH", web, {{"notes", "second"}}, {{"if-match", tag}});
  EXPECT_EQ(second.status, 412U);
  EXPECT_EQ(body_of(second)["code"], "conflict");
  EXPECT_EQ(body_of(as_admin("GET", web))["notes"], "first");
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "third"}}, {{"if-match", header(first, "ETag")}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "x"}}, {{"if-match", "*"}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "x"}}, {{"if-match", "\"not one of ours\""}}).status, 412U);
}

TEST_F(ServerRoutes, KeepAnEtagOverWhatNobodyEdits) {
  add(web_01);
  const auto before = header(as_admin("GET", web), "ETag");
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}}).status, 200U);
  EXPECT_NE(header(as_admin("GET", web), "ETag"), before) << "the body says another boot mode";
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "x"}}, {{"if-match", before}}).status, 200U)
      << "but nobody has edited the server";
}

TEST_F(ServerRoutes, SendNothingAgainThatTheClientHas) {
  add(web_01);
  const auto tag = header(as_admin("GET", web), "ETag");
  const auto same = as_admin("GET", web, {}, {{"if-none-match", "W/" + tag}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(header(same, "ETag"), tag);
  ASSERT_EQ(as_admin("PATCH", web, {{"notes", "x"}}).status, 200U);
  EXPECT_EQ(as_admin("GET", web, {}, {{"if-none-match", tag}}).status, 200U);
}

TEST_F(ServerRoutes, GoByIfMatchHoweverItIsWritten) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  const auto tag = [&] { return header(as_admin("GET", web), "ETag"); };
  const auto patch = [&](const std::string& condition) {
    return as_admin("PATCH", web, {{"notes", "x"}}, {{"if-match", condition}}).status;
  };
  EXPECT_EQ(patch("\"x\", " + tag()), 200U);
  EXPECT_EQ(patch(tag() + ",\"x\""), 200U);
  EXPECT_EQ(patch(" , \"a,b\" ,\t" + tag() + " , "), 200U);
  EXPECT_EQ(patch("W/\"x\", " + tag()), 200U);
  EXPECT_EQ(patch(" * "), 200U);
  const auto now = tag();
  for (const auto& condition :
       {"W/" + now, std::string("\"999\""), std::string("999"), std::string("\"x\", \"y\""), std::string(),
        std::string(","), now.substr(0, now.find('-')) + "\"", now.substr(0, now.find('-') + 1) + "\"",
        now.substr(1, now.size() - 2), now + now, now + " " + now, std::string("*, ") + now, "\"" + now}) {
    EXPECT_EQ(patch(condition), 412U) << condition;
  }
}

TEST_F(ServerRoutes, AreRemovedOnlyAsIfMatchSays) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  const auto tag = header(as_admin("GET", web), "ETag");
  const auto remove = [&](const std::string& path, const std::string& condition) {
    return as_admin("DELETE", path, {}, {{"if-match", condition}}).status;
  };
  for (const std::string& path : {std::string(web), std::string(web) + "/bmc"}) {
    EXPECT_EQ(remove(path, "\"999\""), 412U);
    EXPECT_EQ(remove(path, "W/" + tag), 412U);
  }
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "x"}}).status, 200U);
  EXPECT_EQ(remove(web, tag), 412U) << "somebody was faster";
  EXPECT_EQ(remove(std::string(web) + "/bmc", header(as_admin("GET", web), "ETag")), 204U);
  EXPECT_EQ(remove(web, "\"x\", " + header(as_admin("GET", web), "ETag")), 204U);
  EXPECT_EQ(remove(web, "*"), 404U);
}

TEST_F(ServerRoutes, AreNotTakenForOnesOfTheSameNameThatAreGone) {
  const json server{{"name", "web-01"}, {"macs", {"525400000001"}}};
  add(server);
  const auto tag = header(as_admin("GET", web), "ETag");
  const auto mode_tag = header(as_admin("GET", std::string(web) + "/boot-mode"), "ETag");
  ASSERT_EQ(as_admin("DELETE", web).status, 204U);
  clock_.advance(Milliseconds(1));
  add(server);
  EXPECT_EQ(as_admin("PATCH", web, {{"notes", "x"}}, {{"if-match", tag}}).status, 412U);
  EXPECT_EQ(as_admin("DELETE", web, {}, {{"if-match", tag}}).status, 412U);
  EXPECT_EQ(
      as_admin("PUT", std::string(web) + "/boot-mode", {{"mode", "rescue-windows"}}, {{"if-match", mode_tag}}).status,
      412U);
  ASSERT_EQ(as_admin("DELETE", web).status, 204U);
  ASSERT_EQ(
      ask("POST", "/v1/servers:import", json::array({server}).dump(), {{"authorization", "Bearer " + admin_}}).status,
      200U);
  EXPECT_EQ(as_admin("DELETE", web, {}, {{"if-match", tag}}).status, 412U) << "imported ones neither";
}

}  // namespace
}  // namespace rescue::netboot::api
