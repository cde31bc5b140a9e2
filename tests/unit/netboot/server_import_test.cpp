// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "asked.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

class ServerImport : public Asked {
protected:
  http::Response import_as(const std::string& type, const std::string& body, const std::string& query = {}) {
    return ask("POST", "/v1/servers:import" + query, body,
               {{"authorization", "Bearer " + admin_}, {"content-type", type}});
  }
  std::size_t count() { return body_of(as_admin("GET", "/v1/servers?limit=1000"))["servers"].size(); }
  /// The first of the errors of a refused import.
  json error_in(const std::string& type, const std::string& body, unsigned status = 400) {
    const auto response = import_as(type, body);
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(count(), 0U) << "nothing is imported by halves";
    return body_of(response).value("errors", json::array({json::object()})).at(0);
  }
};

constexpr auto good_csv = "name,macs,firmware,address,serial,tags,notes\r\n"
                          "web-01,52:54:00:00:00:01 5254.0000.0002,uefi,203.0.113.7,B5VFS12,rack-1;hosting,\r\n"
                          "web-02,525400000003,bios,,,,\"behind \"\"door\"\", left\nsecond line\"\r\n";

TEST_F(ServerImport, ReadsCsv) {
  const auto response = import_as("text/csv; charset=utf-8", std::string("\xef\xbb\xbf") + good_csv);
  ASSERT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(body_of(response), json({{"added", 2}, {"updated", 0}, {"dry_run", false}}));
  const auto first = body_of(as_admin("GET", "/v1/servers/web-01"));
  EXPECT_EQ(first["macs"], json({"52:54:00:00:00:01", "52:54:00:00:00:02"}));
  EXPECT_EQ(first["tags"], json({"hosting", "rack-1"}));
  EXPECT_TRUE(first["notes"].is_null());
  const auto second = body_of(as_admin("GET", "/v1/servers/web-02"));
  EXPECT_EQ(second["notes"], "behind \"door\", left\nsecond line");
  EXPECT_EQ(second["firmware"], "bios");
}

TEST_F(ServerImport, ReadsJsonAndYaml) {
  EXPECT_EQ(import_as("application/json", R"([{"name": "a", "macs": ["525400000001"]}])").status, 200U);
  EXPECT_EQ(import_as("application/json", R"({"servers": [{"name": "b", "macs": ["525400000002"]}]})").status, 200U);
  EXPECT_EQ(import_as("application/yaml", "- name: c\n  macs: [\"525400000003\"]\n  tags: [x]\n").status, 200U);
  EXPECT_EQ(count(), 3U);
  EXPECT_EQ(import_as("text/plain", "a").status, 415U);
}

TEST_F(ServerImport, NamesLineAndFieldOfEachError) {
  auto error = error_in("text/csv", "name,macs\nweb-01,525400000001\n\nweb-02,x\n");
  EXPECT_EQ(error["line"], 4);
  EXPECT_EQ(error["server"], "web-02");
  EXPECT_EQ(error["field"], "macs[0]");
  EXPECT_NE(error["detail"].get<std::string>().find("'x' is not the MAC address"), std::string::npos);
  error = error_in("application/json", "[{\"name\": \"a\", \"macs\": [\"525400000001\"]},\n {\"nam\": \"b\"}]");
  EXPECT_EQ(error["line"], 2);
  EXPECT_EQ(error["field"], "nam");
  error = error_in("application/yaml", "- name: Web\n  macs: ['525400000001']\n");
  EXPECT_EQ(error["field"], "name");
  EXPECT_EQ(error["line"], 1);
  EXPECT_EQ(error_in("text/csv", "name,macs\nweb-01,\n", 409)["field"], "macs");
}

TEST_F(ServerImport, RefusesWhatIsNoTable) {
  for (const auto* const csv : {"", "\n", "name,mac\nweb-01,525400000001\n", "name,name\na,b\n", "name\n\"web-01\n",
                                "name\n\"web-01\"x\n", "name\nweb-01,525400000001\n", "name\nwe\"b\n"}) {
    EXPECT_EQ(import_as("text/csv", csv).status, 400U) << csv;
  }
  EXPECT_EQ(import_as("application/json", "{").status, 400U);
  EXPECT_EQ(import_as("application/json", "7").status, 400U);
  EXPECT_EQ(import_as("application/yaml", "a: &b [*b]").status, 400U);
  EXPECT_EQ(import_as("text/csv", good_csv, "?dry_run=yes").status, 400U);
  EXPECT_EQ(import_as("text/csv", good_csv, "?dryrun=true").status, 400U);
  EXPECT_EQ(count(), 0U);
}

TEST_F(ServerImport, FindsWhatServersWouldShare) {
  EXPECT_EQ(error_in("text/csv", "name,macs\na,525400000001\nb,525400000001\n", 409)["line"], 3);
  EXPECT_EQ(error_in("text/csv", "name,macs,serial\na,525400000001,S1\nb,525400000002,S1\n", 409)["field"], "serial");
  EXPECT_EQ(error_in("text/csv", "name,macs\na,525400000001\na,525400000002\n", 409)["field"], "name");
}

TEST_F(ServerImport, ChangesWhatIsKnownOnlyWhenItIsToldTo) {
  ASSERT_EQ(import_as("text/csv", good_csv).status, 200U);
  const auto again = import_as("text/csv", good_csv);
  EXPECT_EQ(again.status, 409U);
  EXPECT_EQ(body_of(again)["errors"].size(), 2U);
  const auto updated = import_as("text/csv", "name,macs,tags\nweb-01,,spare\nweb-03,525400000009,\n", "?update=true");
  ASSERT_EQ(updated.status, 200U) << updated.body;
  EXPECT_EQ(body_of(updated), json({{"added", 1}, {"updated", 1}, {"dry_run", false}}));
  const auto changed = body_of(as_admin("GET", "/v1/servers/web-01"));
  EXPECT_EQ(changed["tags"], json({"spare"}));
  EXPECT_EQ(changed["serial"], "B5VFS12") << "what is not given stays";
  EXPECT_EQ(changed["macs"].size(), 2U);
}

TEST_F(ServerImport, LetsServersChangeCards) {
  ASSERT_EQ(import_as("text/csv", "name,macs,serial\na,525400000001,S1\nb,525400000002,S2\n").status, 200U);
  const auto swapped =
      import_as("text/csv", "name,macs,serial\na,525400000002,S2\nb,525400000001,S1\n", "?update=true");
  ASSERT_EQ(swapped.status, 200U) << swapped.body;
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers/a"))["serial"], "S2");
}

TEST_F(ServerImport, TriesWithoutWriting) {
  const auto tried = import_as("text/csv", good_csv, "?dry_run=true");
  EXPECT_EQ(tried.status, 200U);
  EXPECT_EQ(body_of(tried), json({{"added", 2}, {"updated", 0}, {"dry_run", true}}));
  EXPECT_EQ(count(), 0U);
}

TEST_F(ServerImport, TakesAFleetAtOnce) {
  std::string csv = "name,macs,serial,tags\n";
  constexpr int fleet = 2000;
  for (int i = 0; i < fleet; ++i) {
    csv += fmt::format("srv-{0:06},52540001{0:04x} 52540002{0:04x},S{0},rack-{1}\n", i, i / 40);
  }
  ASSERT_EQ(import_as("text/csv", csv).status, 200U);
  EXPECT_EQ(store().servers().size(), static_cast<std::size_t>(fleet));
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers?q=52:54:00:01:07:cf"))["servers"][0]["name"], "srv-001999");
}

}  // namespace
}  // namespace rescue::netboot::api
