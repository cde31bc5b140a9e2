// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"
#include "core/json_lines.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

Document yaml(const std::string& text) { return Document::from_yaml("a.yaml", text); }
Document json(const std::string& text) { return Document::from_json("a.json", text); }

TEST(Document, ReadsWhatIsThere) {
  const auto document = yaml("name: web\nport: 8080\non: true\nlist: [a, b]\nwait: 5m\nquoted: \"8080\"\n");
  const auto root = document.root();
  EXPECT_EQ(root.at("name").string(), "web");
  EXPECT_EQ(root.at("port").integer(1, 65535), 8080);
  EXPECT_TRUE(root.at("on").boolean());
  EXPECT_EQ(root.at("list").strings(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(root.at("wait").duration(), std::chrono::minutes(5));
  EXPECT_EQ(root.at("quoted").string(), "8080");
  EXPECT_FALSE(root.find("missing"));
}

TEST(Document, IsOneOfYaml) {
  EXPECT_NO_THROW((void)yaml("---\na: 1\n...\n# the end\n"));
  EXPECT_NO_THROW((void)yaml(""));
  for (const auto* const text : {"a: 1\n---\nb: 2\n", "---\na: 1\n---\n", "a: 1\n...\nb\n", "- a\n...\n---\n- b\n"}) {
    const auto error = error_of([&] { (void)yaml(text); });
    EXPECT_EQ(error.code(), ErrorCode::config_invalid) << text;
    EXPECT_NE(std::string(error.what()).find("a second document"), std::string::npos) << error.what();
  }
}

TEST(Document, NamesFileLineAndPathOfAWrongValue) {
  const auto document = yaml("network:\n  ports:\n    - 1\n    - many\n");
  const auto error = error_of([&] { (void)document.root().at("network").at("ports").items().at(1).integer(1, 9); });
  EXPECT_EQ(error.code(), ErrorCode::config_invalid);
  EXPECT_STREQ(error.what(), "a.yaml:4: network.ports[1]: must be a whole number from 1 to 9");
}

TEST(Document, NamesTheLineInJsonToo) {
  const auto document = json("{\n \"a\": {\"x\": \"}]\\\"\", \"list\": [\n  1,\n  {\"deep\": [true]}]}}\n");
  const auto error =
      error_of([&] { (void)document.root().at("a").at("list").items().at(1).at("deep").items().at(0).string(); });
  EXPECT_STREQ(error.what(), "a.json:4: a.list[1].deep[0]: must be a string");
}

TEST(Document, SuggestsTheNearestKey) {
  const auto document = yaml("disks:\n  onyl: [/dev/sda]\n");
  const auto error = error_of([&] { document.root().at("disks").only({"mode", "only", "exclude"}); });
  EXPECT_STREQ(error.what(), "a.yaml:2: disks.onyl: is not a known key");
  EXPECT_EQ(error.hint(), "Did you mean 'only'?");
}

TEST(Document, ListsTheKnownKeysWhenNoneIsNear) {
  const auto error = error_of([&] { yaml("zzzzzzzz: 1\n").root().only({"mode", "only"}); });
  EXPECT_EQ(error.hint(), "Known here: mode, only.");
}

TEST(Document, NamesTheLineOfASyntaxError) {
  EXPECT_THAT(error_of([] { (void)json("{\n\"a\": }\n"); }).what(), HasSubstr("a.json:2: is not valid JSON"));
  EXPECT_THAT(error_of([] { (void)yaml("a: 1\nb: [1, 2\n"); }).what(), HasSubstr("is not valid YAML"));
}

TEST(Document, RefusesANumberThatNothingHolds) {
  EXPECT_THAT(error_of([] { (void)json(R"({"a": 1e999})"); }).what(), HasSubstr("a.json: holds a number"));
}

TEST(Document, RefusesAKeyThatIsGivenTwice) {
  EXPECT_THAT(error_of([] { (void)yaml("a: 1\nb: 2\na: 3\n"); }).what(), HasSubstr("a.yaml:3: a: is given twice"));
  EXPECT_THAT(error_of([] { (void)json("{\"a\": 1,\n \"a\": 2}"); }).what(), HasSubstr("a: is given twice"));
}

TEST(Document, RefusesAliasesThatMultiply) {
  EXPECT_THAT(error_of([] { (void)yaml("a: &x [1]\nb: *x\n"); }).what(), HasSubstr("alias"));
}

TEST(Document, RefusesToNestWithoutEnd) {
  EXPECT_EQ(error_of([] { (void)json(std::string(100'000, '[')); }).code(), ErrorCode::config_invalid);
  EXPECT_EQ(error_of([] { (void)yaml(std::string(20'000, '[')); }).code(), ErrorCode::config_invalid);
  for (const std::string open : {"- ", "{a: ", "? ", "[: ", "[{"}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += open;
    EXPECT_EQ(error_of([&] { (void)yaml(text); }).code(), ErrorCode::config_invalid) << open;
  }
}

TEST(Document, RefusesNumbersOutOfRange) {
  EXPECT_THROW((void)json("18446744073709551615").root().integer(0, INT64_MAX), Error);
  EXPECT_THROW((void)json("1.5").root().integer(0, 9), Error);
  EXPECT_THROW((void)json("-1").root().integer(0, 9), Error);
}

TEST(Document, AcceptsAnEmptyFileAsAnEmptyMapping) {
  const auto document = yaml("# nothing but a comment\n");
  document.root().only({"a"});
  EXPECT_FALSE(document.root().find("a"));
}

TEST(Document, RefusesDurationsWithoutSense) {
  for (const char* text : {"-1s", "5 m", "m", "5d", "999999h", "''", "true", "99999999999999999999s"}) {
    EXPECT_THROW((void)yaml(text).root().duration(), Error) << text;
  }
}

}  // namespace
}  // namespace rescue::tests
