// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "stored.hpp"

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
  store().add_server(server_named("web-01"));
  const auto admin = store().issue_admin_token();
  const auto agent = store().issue_agent_token(web_);
  const auto first = store().caller_of(admin.reveal());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->role, Role::admin);
  EXPECT_FALSE(first->server);
  const auto second = store().caller_of(agent.reveal());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->role, Role::agent);
  EXPECT_EQ(second->server, web_);
  EXPECT_FALSE(store().caller_of("rescue_unknown"));
  EXPECT_FALSE(store().caller_of(""));
}

TEST_F(Token, ReplacesTheOneBefore) {
  store().add_server(server_named("web-01"));
  const auto old_admin = store().issue_admin_token();
  const auto old_agent = store().issue_agent_token(web_);
  const auto new_admin = store().issue_admin_token();
  EXPECT_FALSE(store().caller_of(old_admin.reveal()));
  EXPECT_TRUE(store().caller_of(new_admin.reveal()));
  EXPECT_TRUE(store().caller_of(old_agent.reveal())) << "another owner's";
  (void)store().issue_agent_token(web_);
  EXPECT_FALSE(store().caller_of(old_agent.reveal()));
}

}  // namespace
}  // namespace rescue::netboot
