// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rdp/x224.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace rescue::rdp {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A confirm with a negotiation answer of `type` and `value`.
Bytes confirm(std::uint8_t type, std::uint8_t value, std::uint8_t flags = 0) {
  return {3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, type, flags, 8, 0, value, 0, 0, 0};
}

struct Row {
  const char* name;
  Bytes packet;
  std::optional<Protocol> protocol;
  const char* problem;  ///< a part of it
};

TEST(X224, ReadsWhatServersAnswer) {
  const Row rows[] = {
      {"TLS", confirm(2, 1), Protocol::tls, ""},
      {"NLA", confirm(2, 2, 0x1f), Protocol::nla, ""},
      {"NLA with early authorization", confirm(2, 8), Protocol::nla, ""},
      {"standard RDP", confirm(2, 0), std::nullopt, "neither TLS nor NLA"},
      {"RDSTLS, not offered", confirm(2, 4), std::nullopt, "not offered"},
      {"no TLS allowed", confirm(3, 2), std::nullopt, "SSL_NOT_ALLOWED_BY_SERVER"},
      {"no certificate", confirm(3, 3), std::nullopt, "SSL_CERT_NOT_ON_SERVER"},
      {"smart card", confirm(3, 6), std::nullopt, "client certificate"},
      {"unknown failure", confirm(3, 99), std::nullopt, "0x63"},
      {"unknown type", confirm(9, 1), std::nullopt, "unknown type"},
      {"no negotiation", {3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0}, std::nullopt, "does not negotiate"},
      {"a disconnect", {3, 0, 0, 11, 6, 0x80, 0, 0, 0, 0, 0}, std::nullopt, "not a confirmation"},
      {"length indicator too long", {3, 0, 0, 11, 9, 0xd0, 0, 0, 0, 0, 0}, std::nullopt, "wrong length"},
      {"negotiation cut off", {3, 0, 0, 13, 8, 0xd0, 0, 0, 0, 0, 0, 2, 0}, std::nullopt, "malformed"},
      {"TPKT longer than the packet", {3, 0, 0, 19, 14, 0xd0, 0, 0, 0, 0, 0}, std::nullopt, "is not RDP"},
      {"SSH", {'S', 'S', 'H', '-', '2', '.', '0', '-', 'x', 'y', '\r', '\n'}, std::nullopt, "is not RDP"},
      {"nothing", {}, std::nullopt, "is not RDP"},
  };
  for (const auto& row : rows) {
    const auto answer = parse_connection_confirm(row.packet);
    EXPECT_EQ(answer.protocol, row.protocol) << row.name;
    EXPECT_NE(answer.problem.find(row.problem), std::string::npos) << row.name << ": " << answer.problem;
    EXPECT_EQ(answer.problem.empty(), row.protocol.has_value()) << row.name;
  }
}

TEST(X224, TakesNoImplausibleLength) {
  const auto length = [](std::uint8_t version, std::uint8_t high, std::uint8_t low) {
    const std::array<std::uint8_t, 4> header{version, 0, high, low};
    return tpkt_length(header);
  };
  EXPECT_EQ(length(3, 0, 19), 19U);
  EXPECT_EQ(length(3, 0, 11), 11U);
  EXPECT_FALSE(length(3, 0, 10));
  EXPECT_FALSE(length(3, 0, 0));
  EXPECT_FALSE(length(3, 0xff, 0xff));
  EXPECT_FALSE(length('H', 'T', 'T'));
}

/// Every single-byte change and every truncation of a good answer, and noise: an answer or a problem, never a crash
/// (sanitizer builds check that), never an invalid protocol.
TEST(X224, SurvivesWhateverItIsSent) {
  const auto good = confirm(2, 2);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      auto changed = good;
      changed[at] = static_cast<std::uint8_t>(value);
      const auto answer = parse_connection_confirm(changed);
      EXPECT_NE(answer.protocol.has_value(), !answer.problem.empty());
    }
    EXPECT_FALSE(parse_connection_confirm(std::span(good).first(at)).protocol);
  }
  std::mt19937 random(20);  // NOLINT: the same noise each time
  for (int round = 0; round < 20'000; ++round) {
    Bytes noise(random() % 64);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    if (noise.size() > 5 && round % 2 == 0) {  // to pass the first checks
      noise[0] = 3;
      noise[2] = 0;
      noise[3] = static_cast<std::uint8_t>(noise.size());
      noise[4] = static_cast<std::uint8_t>(noise.size() - 5);
      noise[5] = 0xd0;
    }
    const auto answer = parse_connection_confirm(noise);
    EXPECT_NE(answer.protocol.has_value(), !answer.problem.empty());
  }
}

}  // namespace
}  // namespace rescue::rdp
