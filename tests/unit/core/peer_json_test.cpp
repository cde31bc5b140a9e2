// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/peer_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace rescue {
namespace {

std::string nested(std::size_t depth, const std::string& open, const std::string& inner, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += inner;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(PeerJson, IsReadAsItIs) {
  const auto value = parse_peer_json(R"({"a": [1, "two", null, true, 0.5]})");
  EXPECT_EQ(value["a"].size(), 5U);
  EXPECT_TRUE(parse_peer_json("null").is_null());
}

TEST(PeerJson, MayNestToTheLimitAndNoDeeper) {
  for (const auto& [open, inner, close] : {std::tuple{"[", "1", "]"}, {R"({"a":)", "1", "}"}, {"[ ", "", " ]"}}) {
    EXPECT_FALSE(parse_peer_json(nested(deepest_json, open, inner, close)).is_discarded()) << open;
    EXPECT_TRUE(parse_peer_json(nested(deepest_json + 1, open, inner, close)).is_discarded()) << open;
    EXPECT_TRUE(parse_peer_json(nested(100'000, open, inner, close)).is_discarded()) << open;
    EXPECT_TRUE(parse_peer_json(nested(100'000, open, "", "")).is_discarded()) << open;
  }
  EXPECT_TRUE(parse_peer_json(nested(33, R"([{"a":)", "1", "}]")).is_discarded()) << "both kinds count";
}

TEST(PeerJson, CountsWhatIsOpenAtOnceNotWhatThereIsInAll) {
  const std::string many = "[" + nested(1'000, "[],", "", "") + R"(1])";
  EXPECT_EQ(parse_peer_json(many).size(), 1'001U);
}

TEST(PeerJson, CountsNoBracketsOfTexts) {
  for (const std::string text : {R"("\"[[[")", R"("\\")", R"("\\\"{")"}) {
    const auto value = parse_peer_json("[" + text + ", \"" + std::string(200, '[') + "\"]");
    EXPECT_TRUE(value.is_array()) << text;
  }
  EXPECT_TRUE(parse_peer_json(R"(["\\",)" + nested(64, "[", "", "]") + "]").is_discarded()) << "the text has ended";
}

TEST(PeerJson, HasALimitOfItsSize) {
  const auto text_of = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
  EXPECT_TRUE(parse_peer_json(text_of(largest_peer_json)).is_string());
  EXPECT_TRUE(parse_peer_json(text_of(largest_peer_json + 1)).is_discarded());
  EXPECT_TRUE(parse_peer_json(text_of(100), 99).is_discarded());
}

TEST(PeerJson, IsDiscardedWhenItIsNone) {
  for (const auto* const text : {"", "x", "{", "[1", "\"", "\"\\", "{\"a\" 1}", "1e999", "\"\xff\"", "[]]"}) {
    EXPECT_TRUE(parse_peer_json(text).is_discarded()) << text;
  }
}

}  // namespace
}  // namespace rescue
