// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Manifest and signature as rescued reads them, by the real minisign.
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/builder/publish.hpp"
#include "images/chunks.hpp"
#include "images/signature.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::builder {
namespace {

using testing::HasSubstr;

class Publishing : public testing::Test {
protected:
  /// Makes a pair of keys; with a password, minisign asks for it twice.
  void make_key(const std::string& password) {
    Command command;
    command.argv = {"minisign", "-G", "-p", folder.file("key.pub"), "-s", folder.file("key")};
    if (password.empty()) command.argv.emplace_back("-W");
    command.input = password.empty() ? "" : password + "\n" + password + "\n";
    run_checked(command);
    std::filesystem::permissions(folder.file("key"), std::filesystem::perms::owner_read);
  }
  [[nodiscard]] SigningKey key(const std::string& password) const {
    SigningKey key{folder.file("key"), std::nullopt};
    if (!password.empty()) key.password = Secret(password);
    return key;
  }
  void expect_valid(const std::string& file) const {
    images::PublicKey::from_file(folder.file("key.pub")).verify(file, read_file(file), read_file(file + ".minisig"));
  }

  tests::ScratchFolder folder;
};

TEST_F(Publishing, SignsWithAKeyWithoutPassword) {
  make_key("");
  EXPECT_FALSE(needs_password(folder.file("key")));
  const auto file = folder.write("manifest.json", "{}");
  sign(file, key(""), "rescue image x 1");
  expect_valid(file);
  EXPECT_THAT(read_file(file + ".minisig"), HasSubstr("trusted comment: rescue image x 1\n"));
}

TEST_F(Publishing, SignsWithAPasswordThatMinisignReadsFromItsInput) {
  make_key("correct horse");
  EXPECT_TRUE(needs_password(folder.file("key")));
  const auto file = folder.write("manifest.json", "{}");
  sign(file, key("correct horse"), "x");
  expect_valid(file);
}

TEST_F(Publishing, ReportsAWrongPasswordWithoutIt) {
  make_key("correct horse");
  const auto file = folder.write("manifest.json", "{}");
  const auto error = tests::error_of([&] { sign(file, key("battery staple"), "x"); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("cannot sign with " + folder.file("key")));
  EXPECT_THAT(error.what(), testing::Not(HasSubstr("battery")));
  EXPECT_FALSE(std::filesystem::exists(file + ".minisig"));
}

TEST_F(Publishing, RefusesAFileThatIsNoKey) {
  const auto path = folder.write("key", "ssh-ed25519 AAAA\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  EXPECT_EQ(tests::error_of([&] { (void)needs_password(path); }).code(), ErrorCode::precondition);
}

TEST_F(Publishing, DescribesAnImageAsItsReadersExpect) {
  const auto image = folder.file("windows-2025.qcow2");
  Command command;
  command.argv = {"qemu-img", "create", "-q", "-f", "qcow2", image, "64M"};
  run_checked(command);
  images::Manifest manifest;
  manifest.name = "windows-2025";
  manifest.version = "2026.11.30";
  manifest.profile.os = "windows";
  manifest.profile.firmware = "uefi";
  manifest.profile.disk_bus = "virtio-scsi";
  manifest.profile.administrator = "Administrator";
  manifest.files.push_back(describe_image(image));
  const auto read = images::Manifest::parse(Document::from_json("test", manifest_text(manifest)));
  EXPECT_EQ(read.profile.os, "windows");
  EXPECT_TRUE(read.profile.set_hostname.empty());
  EXPECT_EQ(read.system_disk().name, "windows-2025.qcow2");
  EXPECT_EQ(read.system_disk().virtual_size, std::uint64_t{64} << 20);
  ASSERT_TRUE(read.system_disk().chunks);
  const auto chunks =
      images::ChunkDigests::verified(folder.file(read.system_disk().chunks->name), read.system_disk().chunks->sha256);
  EXPECT_EQ(chunks.file_size(), std::filesystem::file_size(image));
}

}  // namespace
}  // namespace rescue::builder
