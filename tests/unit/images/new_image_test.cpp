// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The last files of a new image as their readers parse them; keys of the real minisign.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/new_image.hpp"
#include "images/signature.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::images {
namespace {

using testing::HasSubstr;

class NewImage : public testing::Test {
protected:
  /// Makes a pair of keys; with a password, minisign asks for it twice.
  void make_key(const std::string& password) {
    Command command;
    command.argv = {"minisign", "-G", "-f", "-p", folder.file("key.pub"), "-s", folder.file("key")};
    if (password.empty()) command.argv.emplace_back("-W");
    command.input = password.empty() ? "" : password + "\n" + password + "\n";
    run_checked(command);
    std::filesystem::permissions(folder.file("key"), std::filesystem::perms::owner_read);
  }
  [[nodiscard]] std::optional<SigningKey> key(const std::string& password = {}) const {
    SigningKey key{folder.file("key")};
    if (!password.empty()) key.password = Secret(password);
    return key;
  }
  Manifest manifest() {
    const auto image = folder.file("windows-2025.qcow2");
    Command command;
    command.argv = {"qemu-img", "create", "-q", "-f", "qcow2", image, "64M"};
    run_checked(command);
    Manifest manifest;
    manifest.name = "windows-2025";
    manifest.version = "2026.11.30";
    manifest.kind = Kind::windows_server;
    manifest.windows = WindowsBuild{26100, 1742, "ServerStandard"};
    manifest.languages = {"de-DE"};
    manifest.pinned = PinnedSet{"7.2.22", "pc-q35-7.2", "/usr/share/OVMF/OVMF_CODE_4M.fd", {{"vioscsi", "100.97.1"}}};
    manifest.profile.os = "windows";
    manifest.profile.firmware = "uefi";
    manifest.profile.disk_bus = "virtio-scsi";
    manifest.profile.administrator = "Administrator";
    manifest.profile.least_memory_mib = 4096;
    manifest.files = {describe_image(image)};
    return manifest;
  }
  void expect_valid(const std::string& file) const {
    PublicKey::from_file(folder.file("key.pub"))
        .verify(file, read_file(file), Signature(file + ".minisig", read_file(file + ".minisig")));
  }

  tests::ScratchFolder folder;
  std::string path = folder.file("manifest.json");
};

TEST_F(NewImage, IsDescribedAsItsReadersExpect) {
  publish_manifest(folder.file(""), manifest(), std::nullopt);
  const auto read = Manifest::parse_text("test", read_file(path));
  EXPECT_EQ(read.kind, Kind::windows_server);
  EXPECT_EQ(read.windows->build, 26100U);
  EXPECT_GT(read.counter, 1'796'000'000U) << "the time: it grows with each image";
  EXPECT_EQ(read.pinned->drivers.at("vioscsi"), "100.97.1");
  EXPECT_EQ(read.system_disk().name, "windows-2025.qcow2");
  EXPECT_EQ(read.system_disk().virtual_size, std::uint64_t{64} << 20);
  ASSERT_TRUE(read.system_disk().chunks);
  const auto chunks =
      ChunkDigests::verified(folder.file(read.system_disk().chunks->name), read.system_disk().chunks->sha256);
  EXPECT_EQ(chunks.file_size(), std::filesystem::file_size(folder.file("windows-2025.qcow2")));
  EXPECT_FALSE(std::filesystem::exists(path + ".minisig"));
}

TEST_F(NewImage, IsSignedWithAKeyWithoutPassword) {
  make_key("");
  EXPECT_FALSE(needs_password(folder.file("key")));
  publish_manifest(folder.file(""), manifest(), key());
  expect_valid(path);
  EXPECT_THAT(read_file(path + ".minisig"), HasSubstr("trusted comment: rescue image windows-2025 2026.11.30\n"));
}

TEST_F(NewImage, IsSignedWithAPasswordThatMinisignReadsFromItsInput) {
  make_key("correct horse");
  EXPECT_TRUE(needs_password(folder.file("key")));
  publish_manifest(folder.file(""), manifest(), key("correct horse"));
  expect_valid(path);
}

TEST_F(NewImage, IsNotSignedWithAWrongPasswordWhichIsNotRepeated) {
  make_key("correct horse");
  const auto error = tests::error_of([&] { publish_manifest(folder.file(""), manifest(), key("battery staple")); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), testing::Not(HasSubstr("battery")));
  EXPECT_FALSE(std::filesystem::exists(path + ".minisig"));
}

TEST_F(NewImage, RefusesAFileThatIsNoKey) {
  const auto file = folder.write("key", "ssh-ed25519 AAAA\n");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(tests::error_of([&] { (void)needs_password(file); }).code(), ErrorCode::precondition);
}

}  // namespace
}  // namespace rescue::images
