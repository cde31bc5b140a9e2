// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/api_under_test.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace rescue::netboot::api {
namespace {

class ConsolePage : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    folder_ = std::filesystem::temp_directory_path() / ("rescue-console-page-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    options_.web_folder = folder_.string();
    make();
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    ApiUnderTest::TearDown();
  }
  void build_pages() {
    std::ofstream(folder_ / "manifest.json")
        << R"({"src/console/main.ts": {"file": "console-1.js", "isEntry": true, "css": ["console-2.css"]}})";
    std::ofstream(folder_ / "console-1.js") << "export {};";
    std::ofstream(folder_ / "console-2.css") << "p{}";
  }
  http::Response page(const std::string& name) { return ask({}, "GET", "/console/" + name); }
  static std::string header(const http::Response& response, const std::string& wanted) {
    for (const auto& [name, value] : response.headers) {
      if (name == wanted) return value;
    }
    return {};
  }

  std::filesystem::path folder_;
};

TEST_F(ConsolePage, IsTheSameForServersThatExistAndThatDoNot) {
  build_pages();
  servers().add(server_named("web-01"));
  auto known = page("web-01");
  const auto unknown = page("web-02");
  EXPECT_EQ(known.status, 200U);
  EXPECT_EQ(unknown.status, 200U);
  for (std::size_t at = 0; (at = known.body.find("web-01", at)) != std::string::npos;)
    known.body.replace(at, 6, "web-02");
  EXPECT_EQ(known.body, unknown.body);
  EXPECT_NE(unknown.body.find(R"(<div id="console" data-server="web-02">)"), std::string::npos);
  EXPECT_NE(unknown.body.find("/web/console-1.js"), std::string::npos);
}

TEST_F(ConsolePage, AllowsNothingFromElsewhereAndNoInlineCode) {
  build_pages();
  const auto policy = header(page("web-01"), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << policy;
  EXPECT_NE(policy.find("img-src 'self' data:"), std::string::npos) << policy;
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe-inline"), std::string::npos) << policy;
  EXPECT_EQ(header(page("web-01"), "Cache-Control"), "no-store");
  EXPECT_EQ(header(page("web-01"), "Referrer-Policy"), "no-referrer");
}

TEST_F(ConsolePage, TakesNoNameThatIsNoHostName) {
  build_pages();
  for (const auto* name : {"%3Cscript%3E", "WEB_01", "-", "a%22b"}) EXPECT_EQ(page(name).status, 400U) << name;
}

TEST_F(ConsolePage, IsMarkedIncompleteWithoutItsScript) {
  const auto response = page("web-01");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(response.body.find("<script"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot::api
