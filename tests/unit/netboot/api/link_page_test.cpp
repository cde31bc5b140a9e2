// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/api/pages/html.hpp"
#include "netboot/api/pages/language.hpp"
#include "netboot/api/pages/link_page.hpp"
#include "tests/unit/netboot/api_under_test.hpp"
#include "tests/unit/netboot/sealed_by_maker.hpp"

#include <filesystem>

namespace rescue::netboot::api {
namespace {

TEST(Html, EscapesWhateverMeansSomething) {
  EXPECT_EQ(escaped("<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
  EXPECT_EQ(escaped("a\"b`c&amp;"), "a&quot;b&#96;c&amp;amp;");
  EXPECT_EQ(escaped("Zugang f\xC3\xBCr \xE2\x82\xAC\n\t"), "Zugang f\xC3\xBCr \xE2\x82\xAC\n\t");
}

TEST(Html, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(escaped(std::string_view("a\0b\x1b\x7f", 5)), "a\xEF\xBF\xBD"
                                                          "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xC3<\xFFx\xC3"), "\xEF\xBF\xBD&lt;\xEF\xBF\xBDx\xEF\xBF\xBD");
}

TEST(Html, EscapesAttributes) {
  Html html("<p");
  html.attribute("title", "\"><script>") << ">";
  EXPECT_EQ(html.str(), "<p title=\"&quot;&gt;&lt;script&gt;\">");
}

TEST(PageLanguage, IsTheOneThatIsPreferred) {
  const std::pair<const char*, Language> cases[] = {{"", Language::english},
                                                    {"de", Language::german},
                                                    {"de-AT,en;q=0.5", Language::german},
                                                    {"FR-ca", Language::french},
                                                    {"en;q=0.3, fr;q=0.9,de;q=0.91", Language::german},
                                                    {"es, it;q=0.9, fr;q=0.1", Language::french},
                                                    {"de;q=0", Language::english},
                                                    {"de;q=nonsense, fr;q=2", Language::english},
                                                    {"*", Language::english},
                                                    {",;,=;q", Language::english},
                                                    {"deutsch", Language::english}};
  for (const auto& [header, language] : cases) EXPECT_EQ(accepted_language(header), language) << header;
}

class LinkPages : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01"));
    options_.key_file = folder_ + "/secrets.key";
    options_.limits.failed.rate = 0;
    options_.web_folder = folder_ + "/web";
    std::filesystem::create_directory(options_.web_folder);
    put("manifest.json", R"({"src/secret/main.ts": {"file": "secret-1a.js", "imports": ["_s.js"], "css": ["a-2.css"]},
                             "_s.js": {"file": "s-3.js", "css": ["b-4.css"]}})");
    put("secret-1a.js", "let page;");
    put("secret-1a.js.gz", "compressed");
    put("page-1.wasm", "wasm");
    put("a-2.css", "p {}");
    put("notes.txt", "not for customers");
    make();
  }
  void put(const std::string& name, const std::string& content) const {
    write_file_atomically(options_.web_folder + "/" + name, content, 0644);
  }
  std::string keep(const SealedByMaker& made) {
    const auto response = as_admin("POST", "/v1/servers/web-01/secrets", made.body());
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response).value("id", "");
  }
  http::Response page(const std::string& name, Headers headers = {}) {
    return ask("", "GET", "/s/" + name, {}, headers);
  }
  static std::string header(const http::Response& response, const std::string& wanted) {
    for (const auto& [name, value] : response.headers) {
      if (name == wanted) return value;
    }
    return {};
  }
  static bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
  }
};

TEST_F(LinkPages, ShowTheStateAndUseNothingUp) {
  const SealedByMaker made;
  const auto id = keep(made);
  for (int i = 0; i < 3; ++i) {
    const auto seen = page(made.id);
    EXPECT_EQ(seen.status, 200U);
    EXPECT_EQ(seen.content_type, "text/html; charset=utf-8");
    EXPECT_TRUE(has(seen, "data-state=\"waiting\"")) << seen.body;
    EXPECT_TRUE(has(seen, "data-code=\"yes\""));
    EXPECT_TRUE(has(seen, "data-name=\"" + made.id + "\""));
    EXPECT_TRUE(has(seen, "netbootctl secret open")) << "what to do without JavaScript";
    EXPECT_FALSE(has(seen, "web-01")) << "a name in a proxy's log reveals no server";
  }
  const auto secret = body_of(as_admin("GET", "/v1/secrets/" + id));
  EXPECT_EQ(secret["state"], "waiting");
  EXPECT_EQ(secret["opened"], 3);
}

TEST_F(LinkPages, SayWhatBecameOfALink) {
  const SealedByMaker revealed(false);
  (void)keep(revealed);
  const auto answer = ask("", "POST", "/v1/links/" + revealed.id + "/reveal",
                          {{"link_proof", base64_of(credentials::proof_of_link(revealed.id, revealed.key).reveal())}},
                          {{"content-type", "application/json"}});
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const auto later = page(revealed.id);
  EXPECT_TRUE(has(later, "data-state=\"revealed\""));
  EXPECT_TRUE(has(later, "datetime=\"" + body_of(answer)["revealed_at"].get<std::string>() + "\"")) << later.body;
  EXPECT_FALSE(has(later, peer_)) << "not where it was revealed";
  EXPECT_FALSE(has(later, "id=\"link\"")) << "there is nothing to enter a code for";

  const SealedByMaker revoked;
  const auto id = keep(revoked);
  EXPECT_EQ(as_admin("DELETE", "/v1/secrets/" + id).status, 204U);
  EXPECT_TRUE(has(page(revoked.id), "data-state=\"revoked\""));

  const SealedByMaker expired;
  (void)keep(expired);
  clock_.advance(std::chrono::hours(25));
  EXPECT_TRUE(has(page(expired.id), "data-state=\"expired\""));
}

TEST_F(LinkPages, SpeakTheLanguageOfTheirReader) {
  const SealedByMaker made;
  (void)keep(made);
  EXPECT_TRUE(has(page(made.id, {{"accept-language", "de"}}), "<html translate=\"no\" lang=\"de\">"));
  query_ = {{"lang", "fr"}};
  const auto french = page(made.id, {{"accept-language", "de"}});
  EXPECT_TRUE(has(french, "lang=\"fr\">")) << french.body;
  EXPECT_EQ(header(french, "Content-Language"), "fr");
  query_ = {{"lang", "\"><script>alert(1)</script>"}};
  const auto attacked = page(made.id, {{"accept-language", "\"><script>alert(1)</script>"}});
  EXPECT_TRUE(has(attacked, "lang=\"en\">"));
  EXPECT_FALSE(has(attacked, "alert(1)"));
}

TEST_F(LinkPages, EscapeAllThatTheyShow) {
  SeenLink link{"\"><script>alert(1)</script>", LinkState::waiting, true, {}, {}};
  PageFiles files{"/web/\"><script>", {"/web/'><script>"}, "/web/\"onload="};
  const auto shown = link_page(link, Language::english, files);
  EXPECT_FALSE(has(shown, "<script>")) << shown.body;
  EXPECT_FALSE(has(shown, "\"onload=")) << shown.body;
  http::Response problem;
  problem.status = 503;
  problem.body = R"({"detail": "<script>alert(1)</script>"})";
  EXPECT_FALSE(has(error_page(problem), "<script>"));
}

TEST_F(LinkPages, DoNotRepeatANameThatIsNone) {
  for (const auto* const name : {"no-such-link", "%3Cscript%3E", "<svg onload=alert(1)>", "AAECAwQFBgcICQoLDA0ODw"}) {
    const auto seen = page(name);
    EXPECT_EQ(seen.status, 404U) << name;
    EXPECT_TRUE(has(seen, "data-state=\"unknown\""));
    EXPECT_FALSE(has(seen, name)) << name;
  }
}

TEST_F(LinkPages, LoadNothingFromElsewhereAndAreNotStored) {
  const SealedByMaker made;
  (void)keep(made);
  const auto seen = page(made.id);
  const auto policy = header(seen, "Content-Security-Policy");
  for (const auto* const part : {"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'",
                                 "base-uri 'none'", "form-action 'none'", "connect-src 'self'"}) {
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(policy.find("unsafe-inline"), std::string::npos);
  EXPECT_EQ(header(seen, "Cache-Control"), "no-store");
  EXPECT_EQ(header(seen, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header(seen, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(seen, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_TRUE(has(seen, R"(<script type="module" src="/web/secret-1a.js"></script>)")) << seen.body;
  EXPECT_TRUE(has(seen, R"(<link rel="stylesheet" href="/web/b-4.css"><link rel="stylesheet" href="/web/a-2.css">)"));
}

TEST_F(LinkPages, SayWhatToDoWhereTheFolderIsMissingOrMalformed) {
  const SealedByMaker made;
  (void)keep(made);
  const auto is_incomplete = [&] {
    const auto seen = page(made.id);
    return seen.status == 200 && has(seen, "This page is incomplete") && has(seen, "netbootctl secret open") &&
           !has(seen, "<script");
  };
  for (const auto* const manifest : {"", "{", "[]", "{}", R"({"src/secret/main.ts": {"file": "../../etc/passwd"}})",
                                     R"({"src/secret/main.ts": {"file": "a.js", "imports": ["missing"]}})",
                                     R"({"src/secret/main.ts": {"file": 1}})"}) {
    put("manifest.json", manifest);
    EXPECT_TRUE(is_incomplete()) << manifest;
  }
  std::filesystem::remove_all(options_.web_folder);
  EXPECT_TRUE(is_incomplete());
  EXPECT_EQ(ask("", "GET", "/web/secret-1a.js").status, 404U);
}

TEST_F(LinkPages, AskToWaitWhereThereAreTooMany) {
  options_.limits.anonymous = {1, 2};
  make();
  http::Response last;
  for (int i = 0; i < 4; ++i) last = page("unknown");
  EXPECT_EQ(last.status, 429U);
  EXPECT_EQ(last.content_type, "text/html; charset=utf-8");
  EXPECT_NE(header(last, "Retry-After"), "");
}

TEST_F(LinkPages, HaveFilesThatCachesMayKeepForEver) {
  const auto script = ask("", "GET", "/web/secret-1a.js");
  ASSERT_EQ(script.status, 200U);
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(header(script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(script, "X-Content-Type-Options"), "nosniff");
  EXPECT_NE(header(script, "Content-Security-Policy"), "") << "a worker has the policy of its own file";
  EXPECT_EQ(header(script, "Content-Encoding"), "");
  EXPECT_EQ(script.file->length, std::string("let page;").size());
  EXPECT_EQ(ask("", "GET", "/web/page-1.wasm").content_type, "application/wasm");
  EXPECT_EQ(ask("", "GET", "/web/a-2.css").content_type, "text/css; charset=utf-8");
}

TEST_F(LinkPages, HaveFilesInRanges) {
  const auto part = ask("", "GET", "/web/page-1.wasm", {}, {{"range", "bytes=1-2"}});
  ASSERT_EQ(part.status, 206U) << part.body;
  EXPECT_EQ(header(part, "Content-Range"), "bytes 1-2/4");
  EXPECT_EQ(part.file->offset, 1U);
  EXPECT_EQ(part.file->length, 2U);
}

TEST_F(LinkPages, HaveCompressedFilesForThoseWhoTakeThem) {
  const auto encoding = [this](const char* accepted) {
    return header(ask("", "GET", "/web/secret-1a.js", {}, {{"accept-encoding", accepted}}), "Content-Encoding");
  };
  EXPECT_EQ(encoding("gzip, deflate, br"), "gzip");
  EXPECT_EQ(encoding("br;q=1.0, GZIP;q=0.5"), "gzip");
  EXPECT_EQ(encoding("gzip;q=0"), "");
  EXPECT_EQ(encoding("br"), "");
  EXPECT_EQ(header(ask("", "GET", "/web/a-2.css", {}, {{"accept-encoding", "gzip"}}), "Content-Encoding"), "");
}

TEST_F(LinkPages, HaveNoOtherFiles) {
  write_file_atomically(folder_ + "/outside.js", "secret", 0600);
  std::filesystem::create_symlink(folder_ + "/outside.js", options_.web_folder + "/link-1.js");
  for (const auto* const name : {"notes.txt", "manifest.json", "secret-1a.js.gz", "missing.js", "..", "..%2foutside.js",
                                 "../outside.js", ".hidden.js", "link-1.js", "secret-1a.js/", "a%00.js"}) {
    EXPECT_EQ(ask("", "GET", std::string("/web/") + name).status, 404U) << name;
  }
}

}  // namespace
}  // namespace rescue::netboot::api
