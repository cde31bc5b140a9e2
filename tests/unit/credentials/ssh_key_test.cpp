// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "credentials/ssh_key.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::credentials {
namespace {

using ::testing::StartsWith;

TEST(SshKey, IsOneLineWithoutOptions) {
  const auto key = make_ssh_key_pair("me@host").public_key;
  EXPECT_EQ(canonical_ssh_key(key), key);
  const auto bare = key.substr(0, key.rfind(' '));
  EXPECT_EQ(canonical_ssh_key(bare), bare);
  for (const auto& wrong : {std::string(), "command=\"sh\" " + key, "from=\"*\" " + key, key + "\n" + key, key + "\r",
                            "ssh-rsa " + key.substr(12), std::string("ssh-ed25519"), std::string("ssh-ed25519 !!!"),
                            " " + key, key + " \xc3\xa9", "ssh-dss" + key.substr(11)}) {
    EXPECT_THROW((void)canonical_ssh_key(wrong), Error) << wrong;
  }
}

TEST(SshKey, PairIsReadByOpenSsh) {
  const tests::ScratchFolder scratch;
  const auto pair = make_ssh_key_pair("rescue-proof");
  const auto file = scratch.file("key");
  write_file_atomically(file, pair.private_key.reveal(), 0600);
  Command keygen;
  keygen.argv = {"ssh-keygen", "-y", "-f", file};
  EXPECT_EQ(run_checked(keygen).out, pair.public_key + "\n");
}

TEST(SshKey, PairsDiffer) {
  const auto one = make_ssh_key_pair("a");
  const auto two = make_ssh_key_pair("a");
  EXPECT_NE(one.public_key, two.public_key);
  EXPECT_THAT(std::string(one.private_key.reveal()), StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
}

}  // namespace
}  // namespace rescue::credentials
