// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "tests/unit/netboot/asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

/// Faulty or malicious requests: the API names the fault and changes nothing.
class BadInput : public Asked {
protected:
  http::Response post(const std::string& body) {
    return ask("POST", "/v1/servers", body, {{"authorization", "Bearer " + admin_}});
  }
  std::string refusal(const http::Response& response) {
    EXPECT_EQ(response.status, 400U) << response.body;
    EXPECT_EQ(body_of(response)["code"], "usage");
    return body_of(response)["detail"];
  }
};

TEST_F(BadInput, IsRefusedAsBrokenJson) {
  for (const std::string body : {"{", "{\"name\": }", "nope", "{\"name\": \"a\"} trailing", "'single'", "{\"a\": 01}",
                                 "\xff\xfe{}", "{\"name\": \"\xc3\x28\"}"}) {
    EXPECT_NE(refusal(post(body)).find("is not valid JSON"), std::string::npos) << body;
  }
  EXPECT_NE(refusal(post("")).find("JSON"), std::string::npos);
  EXPECT_NE(refusal(post("{\n\n\"name\": x}")).find("request body:3:"), std::string::npos) << "its line is named";
}

TEST_F(BadInput, NamesTheEncodingThatIsNotUtf8) {
  EXPECT_NE(
      refusal(post("{\n\"name\": \"a\", \"notes\": \"M\xfcller\"}")).find("request body:2: the byte 0xFC is not UTF-8"),
      std::string::npos);
  EXPECT_NE(refusal(post("{\"notes\": \"M\xfcller\"}")).find("Windows-1252 or ISO 8859-1"), std::string::npos);
  EXPECT_NE(refusal(post("\xff\xfe{}")).find("UTF-16"), std::string::npos);
  EXPECT_NE(refusal(post(std::string("{\0}\0", 4))).find("UTF-16"), std::string::npos);
  for (const std::string bytes : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xff"}) {
    EXPECT_NE(refusal(post("{\"notes\": \"" + bytes + "\"}")).find("is not UTF-8"), std::string::npos);
  }
  EXPECT_EQ(post(R"({"name": "a", "macs": ["525400000001"], "notes": "Müller 😀"})").status, 201U);
}

TEST_F(BadInput, TakesNoNulInAnyText) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  const auto refused = [this](const std::string& method, const std::string& path, const std::string& body) {
    const auto detail = refusal(ask(method, path, body, {{"authorization", "Bearer " + admin_}}));
    EXPECT_NE(detail.find("NUL"), std::string::npos) << detail;
  };
  refused("PATCH", "/v1/servers/web-01", R"({"notes": "a\u0000b"})");
  refused("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "rescue-windows", "reason": "\u0000"})");
  refused("POST", "/v1/tokens", R"({"name": "\u0000", "role": "admin"})");
  refused("PUT", "/v1/servers/web-01/bmc", R"({"address": "192.0.2.1", "user": "\u0000", "password": "p"})");
}

TEST_F(BadInput, NamesTheBoundsOfADuration) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  for (const json& ttl : {json("1ms"), json("999ms"), json(0), json(-1), json(604800001), json("-1s"),
                          json::parse("18446744073709551615"), json(1.5), json(true)}) {
    const auto answer = as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}, {"ttl", ttl}});
    const auto detail = refusal(answer);
    const auto hint = body_of(answer)["hint"].get<std::string>();
    EXPECT_NE(detail.find("ttl: must be "), std::string::npos) << detail;
    EXPECT_EQ(detail.find("604800000"), std::string::npos) << detail;
    EXPECT_NE(hint.find("30s"), hint.find("4h")) << "units are named: " << hint;
  }
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}, {"ttl", "1s"}}).status, 200U);
}

TEST_F(BadInput, KnowsOneSpellingOfAnIdentifier) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  ASSERT_EQ(as_admin("GET", "/v1/tokens/k-1").status, 200U);
  for (const auto* const id :
       {"k-01", "k-+1", "1", "K-1", "k-1 ", "k--1", "k-0", "k-", "k-1.0", "k-99999999999999999999"}) {
    std::string path = std::string("/v1/tokens/") + http::percent_encode(id);
    EXPECT_EQ(as_admin("GET", path).status, 404U) << id;
  }
  for (const auto* const id : {"t-01", "t-+1", "1", "T-1", "t-0", "t-", "01"}) {
    EXPECT_EQ(as_admin("GET", std::string("/v1/tasks/") + http::percent_encode(id)).status, 404U) << id;
    EXPECT_EQ(as_admin("POST", std::string("/v1/tasks/") + http::percent_encode(id) + "/cancel").status, 404U) << id;
  }
}

TEST_F(BadInput, KnowsWhichYearsAreMeant) {
  const auto issue = [this](const char* expires) {
    return as_admin("POST", "/v1/tokens", {{"name", "ci"}, {"role", "admin"}, {"expires_at", expires}});
  };
  for (const auto* const year : {"0000-01-01T00:00:00Z", "1600-01-01T00:00:00Z", "1677-09-21T00:12:43Z",
                                 "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2262-04-11T23:47:17Z",
                                 "2620-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2199-12-31T23:59:59-01:00"}) {
    EXPECT_NE(refusal(issue(year)).find("is not between 1970 and 2199"), std::string::npos) << year;
  }
  const auto issued = issue("2199-12-31T23:59:59Z");
  ASSERT_EQ(issued.status, 201U) << issued.body;
  EXPECT_NE(issued.body.find("2199-12-31T23:59:59"), std::string::npos);
  EXPECT_GE(body_of(as_admin("GET", "/v1/audit?until=9999-12-31T23:59:59Z"))["entries"].size(), 1U);
  EXPECT_GE(body_of(as_admin("GET", "/v1/audit?since=0001-01-01T00:00:00Z"))["entries"].size(), 1U);
  EXPECT_EQ(body_of(as_admin("GET", "/v1/audit?since=9999-12-31T23:59:59Z"))["entries"].size(), 0U);
  EXPECT_EQ(as_admin("GET", "/v1/audit?until=9999-13-31T23:59:59Z").status, 400U);
}

TEST_F(BadInput, IsRefusedWhereItIsTooDeep) {
  constexpr std::size_t deep = 30'000;
  EXPECT_NE(refusal(post(std::string(deep, '['))).find("too deeply"), std::string::npos);
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "{\"a\":";
  EXPECT_NE(refusal(post(nested + "1" + std::string(100, '}'))).find("too deeply"), std::string::npos);
}

TEST_F(BadInput, NamesUnknownAndDoubledFields) {
  EXPECT_NE(refusal(post(R"({"name": "a", "macs": ["525400000001"], "adress": "::1"})")).find("adress"),
            std::string::npos);
  EXPECT_NE(refusal(post(R"({"name": "a", "name": "b", "macs": ["525400000001"]})")).find("name: is given twice"),
            std::string::npos);
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  EXPECT_NE(
      refusal(as_admin("POST", "/v1/servers/web-01/rescue", {{"image", "default"}, {"imgae", "x"}})).find("imgae"),
      std::string::npos);
}

TEST_F(BadInput, IsRefusedOutOfItsRange) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  const auto bmc = [this](const json& port) {
    return refusal(as_admin("PUT", "/v1/servers/web-01/bmc",
                            {{"address", "192.0.2.1"}, {"user", "u"}, {"password", "p"}, {"port", port}}));
  };
  for (const json& port : {json(0), json(-1), json(65536), json(1e300), json(1.5), json("623"), json(true),
                           json::parse("18446744073709551616")}) {
    EXPECT_NE(bmc(port).find("port: must be a whole number from 1 to 65535"), std::string::npos) << port;
  }
  for (const auto* const ttl : {"0s", "25h", "-1h", "4 h", "99999999999999999999h", ""}) {
    const auto answer = as_admin("PUT", "/v1/servers/web-01/boot-mode", {{"mode", "rescue-windows"}, {"ttl", ttl}});
    EXPECT_NE(refusal(answer).find("ttl"), std::string::npos) << ttl;
  }
}

TEST_F(BadInput, TakesNoNameThatLooksLikeAnother) {
  for (const auto* const name : {"w\xd0\xb5"
                                 "b-01",  // a Cyrillic letter
                                 "web\xe2\x80\x8b"
                                 "-01",  // a zero-width space
                                 "\xe2\x80\xae"
                                 "10-bew",          // right to left
                                 "web-01\xcc\x81",  // a combining accent
                                 "\xef\xbd\x97"
                                 "eb-01",  // a wide letter
                                 "Web-01", "web-01.", ".", "..", "../web-01", "web/01", "web%2f01", "web-01\\u0000x",
                                 "-web", "web-", "web_01", " web-01", "web-01 ", ""}) {
    const auto response = post(json{{"name", name}, {"macs", {"525400000001"}}}.dump());
    EXPECT_NE(refusal(response).find("name"), std::string::npos) << name;
  }
  EXPECT_EQ(post(R"({"name": "web\u0000", "macs": ["525400000001"]})").status, 400U);
  EXPECT_EQ(all_servers().size(), 0U);
}

TEST_F(BadInput, KnowsAMacAddressInEverySpelling) {
  add({{"name", "web-01"}, {"macs", {"52:54:00:AB:cd:01"}}});
  for (const auto* const mac : {"525400abcd01", "525400ABCD01", "52-54-00-ab-cd-01", "5254.00ab.cd01", "5254-00AB-cd01",
                                "525400-abcd01", "01-52-54-00-ab-cd-01"}) {
    const auto twice = post(json{{"name", "web-02"}, {"macs", {mac}}}.dump());
    EXPECT_EQ(twice.status, 409U) << mac;
    EXPECT_NE(twice.body.find("52:54:00:ab:cd:01 belongs to the server 'web-01'"), std::string::npos) << twice.body;
  }
  for (const auto* const mac : {"52:54:00:ab:cd", "52:54:00:ab:cd:01:02", "52:54-00:ab-cd:01", "52:54:00:ab:cd:0g",
                                "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "5:4:0:a:c:1", ""}) {
    EXPECT_NE(refusal(post(json{{"name", "web-02"}, {"macs", {mac}}}.dump())).find("macs[0]"), std::string::npos)
        << mac;
  }
}

TEST_F(BadInput, IsRefusedAmongWishesForARescue) {
  add({{"name", "web-01"}, {"macs", {"525400000001"}}});
  const auto refused = [this](const char* field, const json& value) {
    const auto detail = refusal(as_admin("POST", "/v1/servers/web-01/rescue", {{field, value}}));
    EXPECT_NE(detail.find(field), std::string::npos) << detail;
  };
  for (const auto* const address : {"", "admin", "a@b@c", "a b@c", "a@", "@b", "a,b@c", "<a@b>", "a@b\nBcc: c@d"}) {
    refused("notify", {{"address", address}});
  }
  refused("notify", {{"address", "a@example.org"}, {"language", "german"}});
  refused("notify", {{"address", "a@example.org"}, {"name", "x"}});
  refused("notify", {{"language", "de"}});
  for (const auto* const layout : {"", "DE", "../de", "de us", "xx"}) refused("keyboard", layout);
  for (const auto* const key :
       {"", "ssh-ed25519", "ssh-ed25519 AAAA", "command=\"x\" ssh-ed25519 AAAA", "ssh-dss AAAA"}) {
    refused("ssh_keys", {key});
  }
  refused("auth", "none");
  refused("auth", "keys-only");  // without a key nobody could log in
  refused("image", "../../etc/passwd");
  refused("disk_mode", "write");
  refused("public_key", "AAAA");
}

TEST_F(BadInput, IsNotWhatARescueWishesFor) {
  constexpr auto key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZGEnRmNQO4W9o6l/Op39WLEaeYRR+oyKOxHucswwu6 admin@example";
  add({{"name", "web-01"}, {"macs", {"525400000001"}}, {"address", "198.51.100.9"}});
  options_.agent.url = "http://192.0.2.1:8470";
  const json order{{"power", "none"},
                   {"link", false},
                   {"notify", {{"address", "admin+rescue@example.org"}, {"language", "pt-BR"}}},
                   {"keyboard", "de-de"},
                   {"ssh_keys", {key}},
                   {"auth", "keys-only"},
                   {"disk_mode", "overlay"}};
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/rescue", order).status, 202U);
  ASSERT_EQ(boot(), BootMode::rescue_windows);
  Sessions sessions(store(), AgentRules{});
  const auto token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), "198.51.100.9");
  const auto redeemed = ask("POST", "/v1/agent/redeem", json{{"agent_token_sha256", std::string(64, 'a')}}.dump(),
                            {{"authorization", "Bearer " + std::string(token.token.reveal())}});
  ASSERT_EQ(redeemed.status, 201U) << redeemed.body;
  const auto request = body_of(redeemed)["request"];
  EXPECT_EQ(request["notify"], order["notify"]);
  EXPECT_EQ(request["keyboard"], "de");
  EXPECT_EQ(request["ssh_keys"], json({key}));
  EXPECT_EQ(request["auth"], "keys-only");
  EXPECT_EQ(request["disk_mode"], "overlay");
}

}  // namespace
}  // namespace rescue::netboot::api
