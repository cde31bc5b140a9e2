// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/bmc/key_file.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <sys/stat.h>

namespace rescue::netboot {
namespace {

class SecretsKey : public Stored {
protected:
  [[nodiscard]] std::string file() const { return folder_ + "/secrets.key"; }
};

TEST_F(SecretsKey, IsMadeOnFirstNeedForItsOwnerOnly) {
  const KeyFile keys(file());
  EXPECT_FALSE(std::filesystem::exists(file()));
  const auto sealed = keys.seal(Secret("a word"));
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(sealed.find("a word"), std::string::npos);
  EXPECT_NE(keys.seal(Secret("a word")), sealed) << "equal passwords don't look equal";
  EXPECT_EQ(KeyFile(file()).open(sealed).reveal(), "a word");
}

TEST_F(SecretsKey, OpensNothingThatAnotherKeyHasSealed) {
  const auto sealed = KeyFile(file()).seal(Secret("a word"));
  (void)KeyFile(folder_ + "/other.key").seal(Secret("x"));
  EXPECT_EQ(code_of([&] { (void)KeyFile(folder_ + "/other.key").open(sealed); }), ErrorCode::precondition);
  EXPECT_EQ(code_of([&] { (void)KeyFile(file()).open("AAAA"); }), ErrorCode::precondition);
}

TEST_F(SecretsKey, IsRefusedWhenOthersMayReadIt) {
  const auto sealed = KeyFile(file()).seal(Secret("a word"));
  ASSERT_EQ(::chmod(file().c_str(), 0640), 0);
  EXPECT_EQ(code_of([&] { (void)KeyFile(file()).open(sealed); }), ErrorCode::denied);
}

TEST_F(SecretsKey, IsNotMadeAnewToOpenSomething) {
  EXPECT_EQ(code_of([&] { (void)KeyFile(file()).open("AAAA"); }), ErrorCode::not_found);
}

}  // namespace
}  // namespace rescue::netboot
