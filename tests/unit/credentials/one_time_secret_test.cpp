// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/one_time_secret.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace rescue::tests {
namespace {

using credentials::SealedSecret;
using ::testing::HasSubstr;

SealedSecret parse(const nlohmann::json& json) {
  return SealedSecret::parse(Document::from_json("secret.json", json.dump()));
}
std::string opened(const SealedSecret& sealed, const Secret& key, const Secret* code, std::string_view id = "id-1") {
  const auto text = credentials::open(sealed, id, key, code);
  return text ? std::string(text->reveal()) : "(does not open)";
}

TEST(OneTimeSecret, OpensWithItsKeyAndItsCodeOnly) {
  const auto key = credentials::generate_link_key();
  const auto code = credentials::generate_code();
  const auto sealed = parse(credentials::seal(Secret("correct horse"), "id-1", key, &code).json());
  EXPECT_TRUE(sealed.needs_code());
  EXPECT_EQ(opened(sealed, key, &code), "correct horse");
  const auto other_code = credentials::generate_code();
  EXPECT_EQ(opened(sealed, key, &other_code), "(does not open)");
  const auto other_key = credentials::generate_link_key();
  EXPECT_EQ(opened(sealed, other_key, &code), "(does not open)");
  EXPECT_EQ(opened(sealed, key, &code, "id-2"), "(does not open)") << "a database can't swap two secrets";
  EXPECT_EQ(error_of([&] { (void)credentials::open(sealed, "id-1", key); }).code(), ErrorCode::usage);
}

TEST(OneTimeSecret, NeedsNoCodeWhereThePolicySaysSo) {
  const auto key = credentials::generate_link_key();
  const auto sealed = parse(credentials::seal(Secret("correct horse"), "id-1", key).json());
  EXPECT_FALSE(sealed.needs_code());
  EXPECT_EQ(opened(sealed, key, nullptr), "correct horse");
  const auto empty = credentials::seal(Secret(""), "id-1", key);
  EXPECT_EQ(opened(empty, key, nullptr), "");
}

TEST(OneTimeSecret, IsNotOpenedOnceItWasChanged) {
  const auto key = credentials::generate_link_key();
  const auto sealed = credentials::seal(Secret("correct horse"), "id-1", key);
  for (std::size_t index = 0; index < sealed.box.size(); ++index) {
    auto changed = sealed;
    changed.box[index] = static_cast<char>(changed.box[index] ^ 1);
    EXPECT_EQ(opened(changed, key, nullptr), "(does not open)") << index;
  }
  auto short_box = sealed;
  short_box.box.resize(15);
  EXPECT_EQ(opened(short_box, key, nullptr), "(does not open)");
}

TEST(OneTimeSecret, ShowsNothingOfTheTextOrTheKey) {
  const auto key = credentials::generate_link_key();
  const auto code = credentials::generate_code();
  const auto stored = credentials::seal(Secret("correct horse"), "id-1", key, &code).json().dump();
  for (const auto* const secret : {"correct", "horse"}) EXPECT_EQ(stored.find(secret), std::string::npos);
  EXPECT_EQ(stored.find(key.reveal()), std::string::npos);
  EXPECT_EQ(stored.find(code.reveal()), std::string::npos);
  EXPECT_NE(stored, credentials::seal(Secret("correct horse"), "id-1", key, &code).json().dump());
}

TEST(OneTimeSecret, IsRefusedWhenItWouldCostTooMuch) {
  const auto key = credentials::generate_link_key();
  const auto code = credentials::generate_code();
  const auto good = credentials::seal(Secret("text"), "id-1", key, &code).json();
  const auto fault = [&good](const char* pointer, const nlohmann::json& value) {
    auto json = good;
    json[nlohmann::json::json_pointer(pointer)] = value;
    return std::string(error_of([&] { (void)parse(json); }).what());
  };
  EXPECT_THAT(fault("/code/memory_kib", 4'000'000), HasSubstr("memory_kib"));
  EXPECT_THAT(fault("/code/memory_kib", 1), HasSubstr("memory_kib"));
  EXPECT_THAT(fault("/code/passes", 5), HasSubstr("passes"));
  EXPECT_THAT(fault("/code/salt", "AAAA"), HasSubstr("salt"));
  EXPECT_THAT(fault("/nonce", "AAAA"), HasSubstr("nonce"));
  EXPECT_THAT(fault("/box", "not base64"), HasSubstr("box"));
  EXPECT_THAT(fault("/box", std::string(100'000, 'A')), HasSubstr("box"));
  EXPECT_THAT(fault("/format", 2), HasSubstr("format"));
  EXPECT_THAT(fault("/more", 1), HasSubstr("more"));
}

TEST(LinkKey, FitsAUrlAndIsNeverTheSame) {
  const auto key = credentials::generate_link_key();
  EXPECT_EQ(key.size(), 43U);
  EXPECT_EQ(key.reveal().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string_view::npos);
  EXPECT_FALSE(key.equals(credentials::generate_link_key()));
  for (const auto* const wrong : {"", "short", "not!base64url-not!base64url-not!base64url-no"}) {
    EXPECT_THAT(
        error_of([&] { (void)credentials::seal(Secret("text"), "id", Secret(std::string_view(wrong))); }).what(),
        HasSubstr("43 characters"));
  }
}

TEST(SecretCode, IsReadAsPeopleWriteIt) {
  const auto normal = [](std::string_view text) {
    const auto code = credentials::normalised_code(text);
    return code ? std::string(code->reveal()) : "(no code)";
  };
  EXPECT_EQ(normal("7K3M-Q9XA"), "7K3MQ9XA");
  EXPECT_EQ(normal(" 7k3m q9xa "), "7K3MQ9XA");
  EXPECT_EQ(normal("ol1i-OLIo"), "01110110");
  for (const auto* const wrong : {"", "7K3M-Q9X", "7K3M-Q9XAA", "7K3M-Q9XU", "7K3M_Q9XA", "7K3M-Q9X\xc3\xa9"}) {
    EXPECT_EQ(normal(wrong), "(no code)") << wrong;
  }
}

TEST(SecretCode, UsesTheWholeAlphabet) {
  std::set<char> seen;
  for (int count = 0; count < 300; ++count) {
    const auto code = credentials::generate_code();
    EXPECT_EQ(code.size(), 9U);
    EXPECT_TRUE(credentials::normalised_code(code.reveal()));
    seen.insert(code.reveal().begin(), code.reveal().end());
  }
  EXPECT_EQ(seen.size(), 33U) << "32 characters and the dash";
}

}  // namespace
}  // namespace rescue::tests
