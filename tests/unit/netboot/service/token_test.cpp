// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/stored.hpp"

#include <set>

namespace rescue::netboot {
namespace {

class Token : public Stored {};

TEST_F(Token, IsRandomAndPrintable) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = fresh_token();
    EXPECT_EQ(token.size(), 7U + 43U);
    EXPECT_TRUE(token.reveal().starts_with("rescue_"));
    EXPECT_EQ(token.reveal().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_TRUE(seen.emplace(token.reveal()).second);
  }
}

TEST_F(Token, IsHashedBySha256) {
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(Token, SpeaksForItsOwner) {
  servers().add(server_named("web-01"));
  const auto admin = tokens().issue_first_admin().token;
  const auto agent = tokens().issue_agent_token(web_);
  const auto first = tokens().recognise(admin.reveal()).caller;
  ASSERT_TRUE(first);
  EXPECT_EQ(first->role, Role::admin);
  EXPECT_FALSE(first->server);
  const auto second = tokens().recognise(agent.reveal()).caller;
  ASSERT_TRUE(second);
  EXPECT_EQ(second->role, Role::agent);
  EXPECT_EQ(second->server, web_);
  EXPECT_FALSE(tokens().recognise("rescue_unknown").caller);
  EXPECT_FALSE(tokens().recognise("").caller);
}

TEST_F(Token, ReplacesTheOneBefore) {
  servers().add(server_named("web-01"));
  const auto old_admin = tokens().issue_first_admin().token;
  const auto old_agent = tokens().issue_agent_token(web_);
  const auto new_admin = tokens().issue_first_admin().token;
  EXPECT_FALSE(tokens().recognise(old_admin.reveal()).caller);
  EXPECT_TRUE(tokens().recognise(new_admin.reveal()).caller);
  EXPECT_TRUE(tokens().recognise(old_agent.reveal()).caller) << "another owner's";
  (void)tokens().issue_agent_token(web_);
  EXPECT_FALSE(tokens().recognise(old_agent.reveal()).caller);
}

}  // namespace
}  // namespace rescue::netboot
