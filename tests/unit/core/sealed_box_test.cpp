// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/sealed_box.hpp"

#include <gtest/gtest.h>

namespace rescue {
namespace {

TEST(Base64, IsReadBack) {
  for (const auto& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("\0\xff\xfe", 3)}) {
    EXPECT_EQ(bytes_of_base64(base64_of(bytes)), bytes);
  }
  EXPECT_EQ(base64_of("rescue"), "cmVzY3Vl");
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const auto* const text : {"cmVzY3V", "cmVz Y3Vl", "cmVzY3Vl\n", "cm_zY3Vl", "YQ", "YR=="}) {
    EXPECT_FALSE(bytes_of_base64(text)) << text;
  }
}

TEST(SealedBox, OpensWithItsKeyOnly) {
  const auto keys = make_box_keys();
  const auto other = make_box_keys();
  auto sealed = seal(Secret("password"), keys.public_key);
  EXPECT_EQ(sealed.find("password"), std::string::npos);
  EXPECT_EQ(open_sealed(sealed, keys.secret_key).reveal(), "password");
  EXPECT_THROW((void)open_sealed(sealed, other.secret_key), Error);
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_THROW((void)open_sealed(sealed, keys.secret_key), Error);
  EXPECT_THROW((void)open_sealed("", keys.secret_key), Error);
}

TEST(SealedBox, TakesAnEmptyMessage) {
  const auto keys = make_box_keys();
  EXPECT_TRUE(open_sealed(seal(Secret(), keys.public_key), keys.secret_key).empty());
}

TEST(SealedBox, RefusesWhatIsNoKey) {
  EXPECT_THROW((void)seal(Secret("x"), "short"), Error);
  EXPECT_FALSE(is_box_key("short"));
  EXPECT_FALSE(is_box_key(std::string(32, '\0')));
  EXPECT_TRUE(is_box_key(make_box_keys().public_key));
  EXPECT_THROW((void)seal(Secret("x"), std::string(32, '\0')), Error) << "a point of small order";
}

TEST(SealedBox, KnowsThePublicKeyOfASecretOne) {
  const auto keys = make_box_keys();
  EXPECT_EQ(public_key_of(keys.secret_key), keys.public_key);
}

}  // namespace
}  // namespace rescue
