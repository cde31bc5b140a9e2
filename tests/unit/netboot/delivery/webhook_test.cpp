// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/receivers.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot {
namespace {

/// As openssl makes it: printf '1700000000.{"kind":"access"}' | openssl dgst -sha256 -hmac 'correct horse'
TEST(Webhook, IsSignedWithTheTimeAndTheBody) {
  const Secret key(std::string_view("correct horse"));
  const auto signature = webhook_signature(key, "1700000000", R"({"kind":"access"})");
  EXPECT_EQ(signature, "6c0c809809e46c3bd976a0ac35fbb861fcd5c0ed881562cc650f548f2d6be8c3");
  EXPECT_NE(webhook_signature(key, "1700000001", R"({"kind":"access"})"), signature);
  EXPECT_NE(webhook_signature(key, "1700000000", R"({"kind":"ended"})"), signature);
  EXPECT_NE(webhook_signature(Secret(std::string_view("other")), "1700000000", R"({"kind":"access"})"), signature);
}

}  // namespace
}  // namespace rescue::netboot
