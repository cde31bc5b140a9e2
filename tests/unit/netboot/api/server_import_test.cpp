// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/asked.hpp"

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
  /// First error of a refused import.
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

TEST_F(ServerImport, DoesNothingWhenItIsNotSaidWhetherItIsADryRun) {
  for (const auto* const query : {"?dry_run", "?dry_run=", "?dry_run=1", "?update=yes", "?update"}) {
    EXPECT_EQ(import_as("text/csv", good_csv, query).status, 400U) << query;
  }
  EXPECT_EQ(import_as("application/yaml", "- {name: c, macs: [\"525400000003\"]}\n---\n- {name: d}\n").status, 400U);
  EXPECT_EQ(count(), 0U);
}

TEST_F(ServerImport, TakesWhatLooksLikeANumberInCsvForText) {
  const auto error = error_in("text/csv", "name,macs,bmc_kind,bmc_url,bmc_user,bmc_system,bmc_port\n"
                                          "a,525400000001,redfish,https://192.0.2.1,1000,1,x\n");
  EXPECT_EQ(error["field"], "bmc.port") << error;
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

TEST_F(ServerImport, ReadsWhatSpreadsheetsWrite) {
  const auto macs_after = [this](const std::string& type, const std::string& csv) {
    const auto response = import_as(type, csv);
    EXPECT_EQ(response.status, 200U) << csv << response.body;
    const auto macs = body_of(as_admin("GET", "/v1/servers/a"))["macs"];
    EXPECT_EQ(as_admin("DELETE", "/v1/servers/a").status, 204U);
    return macs;
  };
  const json one{"52:54:00:00:00:01"};
  const json two{"52:54:00:00:00:01", "52:54:00:00:00:02"};
  EXPECT_EQ(macs_after("Text/CSV", "\xef\xbb\xbfname;macs;notes\r\na;525400000001;x,y\r\n"), one);
  EXPECT_EQ(macs_after("text/csv;charset=\"UTF-8\"", "name\tmacs\na\t525400000001\n"), one);
  EXPECT_EQ(macs_after("TEXT/CSV ; Charset=utf-8 ; header=present", "sep=;\r\nname;macs\r\na;525400000001\r\n"), one);
  EXPECT_EQ(macs_after("text/csv", "name,macs,,,\na,525400000001,,,\n,,,,\n ,\t,,,\n\n"), one);
  EXPECT_EQ(macs_after("text/csv", "name,macs\na,525400000001,,,\n"), one) << "empty cells beyond the header";
  EXPECT_EQ(macs_after("text/csv", " Name , MACs \n a , 525400000001 \n"), one);
  EXPECT_EQ(macs_after("text/csv", "name,macs\ra,525400000001\r"), one) << "an old Mac";
  EXPECT_EQ(macs_after("text/csv", "name, \"macs\" \na, \"525400000001\" \n"), one);
  EXPECT_EQ(macs_after("text/csv", "name,macs\na,\"52:54:00:00:00:01, 52:54:00:00:00:02\"\n"), two);
  EXPECT_EQ(macs_after("text/csv", "name,macs\na,\"52:54:00:00:00:01\n52:54:00:00:00:02\"\n"), two);
  EXPECT_EQ(macs_after("text/csv", "name,macs\na,52 54 00 00 00 01; 52:54:0:0:0:2\n"), two);
  EXPECT_EQ(macs_after("text/csv", "name;macs\na;525400000001|525400000002\n"), two);
  EXPECT_EQ(macs_after("text/csv", "name;macs;notes\na;\"525400000001;525400000002\";\"x;\"\"y\"\"\"\n"), two);
}

TEST_F(ServerImport, NamesWhatASpreadsheetDidWrong) {
  const auto detail = [this](const std::string& type, const std::string& body) {
    const auto response = import_as(type, body);
    EXPECT_EQ(response.status, 400U) << response.body;
    EXPECT_EQ(count(), 0U);
    return body_of(response)["detail"].get<std::string>() + " " + body_of(response).value("hint", "");
  };
  auto text = detail("text/csv", "name,macs,notes\na,525400000001,ok\nb,525400000002,M\xfcller\n");
  EXPECT_NE(text.find("request body:3: the byte 0xFC is not UTF-8: this looks like Windows-1252 or ISO 8859-1"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("CSV UTF-8"), std::string::npos) << text;
  EXPECT_NE(detail("application/yaml", "- name: a\n  notes: M\xfcller\n").find("0xFC"), std::string::npos);
  EXPECT_NE(detail("application/json", "[{\"notes\": \"M\xfcller\"}]").find("0xFC"), std::string::npos);
  EXPECT_NE(detail("text/csv", std::string("\xff\xfen\0a\0", 6)).find("UTF-16"), std::string::npos);
  EXPECT_NE(detail("text/csv", std::string("\xfe\xff\0n\0a", 6)).find("UTF-16"), std::string::npos);
  EXPECT_NE(detail("text/csv", std::string("n\0a\0m\0e\0", 8)).find("UTF-16"), std::string::npos);
  EXPECT_NE(detail("application/yaml", std::string("\xff\xfe-\0 \0", 6)).find("UTF-16"), std::string::npos);
  EXPECT_NE(detail("text/csv; charset=ISO-8859-1", "name,macs\n").find("iso-8859-1"), std::string::npos);
  EXPECT_NE(detail("text/csv", std::string("name,macs,notes\na,525400000001,x\0y\n", 34)).find("NUL"),
            std::string::npos);
  text = detail("text/csv", "name,macs,,\na,525400000001,,oops\n");
  EXPECT_NE(text.find(":2: 'oops' stands in column 4, which has no name"), std::string::npos) << text;
  text = detail("text/csv", "name,macs\na,525400000001,oops\n");
  EXPECT_NE(text.find("'oops' stands in column 3"), std::string::npos) << text;
}

TEST_F(ServerImport, TakesAMacAddressInYamlAsText) {
  EXPECT_EQ(import_as("application/yaml", "- name: a\n  macs: [52:54:05:00:23:48]\n").status, 200U);
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers/a"))["macs"], json({"52:54:05:00:23:48"}));
  const auto digits = import_as("application/yaml", "- name: b\n  macs:\n    - 001237000001\n");
  EXPECT_EQ(digits.status, 400U) << digits.body;
  EXPECT_NE(digits.body.find("line 1: macs[0]: must be a string"), std::string::npos) << digits.body;
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

TEST_F(ServerImport, IsOfSomebodyWhoMayBeforeItsBodyIsTaken) {
  const auto router = make_router(store(), options_);
  ASSERT_EQ(router.large_bodies().size(), 1U);
  const auto ask_for = [&](const std::string& authorization) {
    http::Request request;
    request.method = "POST";
    request.path = "/v1/servers:import";
    request.peer = "198.51.100.9";
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    return router.large_bodies().front().admission(request);
  };
  for (const auto* const worthless : {"", "Bearer rescue_nonsense", "Basic YTpi"}) {
    const auto answer = ask_for(worthless);
    ASSERT_TRUE(std::holds_alternative<http::Response>(answer)) << worthless;
    EXPECT_EQ(std::get<http::Response>(answer).status, 401U);
  }
  const auto bearer_of = [&](Role role) {
    const auto issued = Tokens(store()).issue({std::string(name_of(role)), role, {}, std::nullopt, "a test"});
    return "Bearer " + std::string(issued.token.reveal());
  };
  EXPECT_EQ(code_of([&] { (void)ask_for(bearer_of(Role::read_only)); }), ErrorCode::denied);
  const auto first = ask_for(bearer_of(Role::panel));
  const auto second = ask_for("Bearer " + admin_);
  ASSERT_TRUE(std::holds_alternative<std::string>(first) && std::holds_alternative<std::string>(second));
  EXPECT_NE(std::get<std::string>(first), std::get<std::string>(second)) << "each token has its own places";
}

TEST_F(ServerImport, TakesAFleetAtOnce) {
  std::string csv = "name,macs,serial,tags\n";
  constexpr int fleet = 2000;
  for (int i = 0; i < fleet; ++i) {
    csv += fmt::format("srv-{0:06},52540001{0:04x} 52540002{0:04x},S{0},rack-{1}\n", i, i / 40);
  }
  ASSERT_EQ(import_as("text/csv", csv).status, 200U);
  EXPECT_EQ(all_servers().size(), static_cast<std::size_t>(fleet));
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers?q=52:54:00:01:07:cf"))["servers"][0]["name"], "srv-001999");
}

}  // namespace
}  // namespace rescue::netboot::api
