// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Images signed by the real minisign, and the errors for wrong ones.

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/signature.hpp"
#include "images/store.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

class SignedImage : public ::testing::Test {
protected:
  void SetUp() override {
    minisign({"-G", "-W", "-f", "-p", folder_.file("image.pub"), "-s", folder_.file("image.key")});
    folder_.write("system.qcow2", "the content of an image");
    write_manifest(sha256_of("system.qcow2"));
    sign({});
  }

  static void minisign(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "minisign");
    Command command;
    command.argv = std::move(arguments);
    command.input = "\n\n";
    run_checked(command);
  }
  void sign(std::vector<std::string> extra) const {
    std::vector<std::string> arguments{"-S", "-s", folder_.file("image.key"), "-m", folder_.file("manifest.json")};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    minisign(arguments);
  }
  [[nodiscard]] std::string sha256_of(const std::string& name) const {
    return images::sha256_of_file(folder_.file(name));
  }
  void write_manifest(const std::string& digest, const std::string& name = "system.qcow2") const {
    folder_.write("manifest.json", fmt::format(R"({{"format": 1, "name": "test", "version": "1",
 "profile": {{"os": "standin", "firmware": "uefi", "disk_bus": "virtio-scsi"}},
 "files": [{{"name": "{}", "role": "system-disk", "format": "qcow2", "size": 23, "sha256": "{}"}}]}})",
                                               name, digest));
  }
  [[nodiscard]] images::Store store() const {
    return {folder_.file("manifest.json"), folder_.file("image.pub"), folder_.file("verified.json")};
  }
  [[nodiscard]] std::string verify() const {
    const auto manifest = store().manifest();
    return store().verified(manifest.system_disk());
  }
  [[nodiscard]] Error refusal() const {
    return error_of([this] { (void)verify(); });
  }

  ScratchFolder folder_;
};

TEST_F(SignedImage, IsAcceptedAsSignedByMinisign) {
  EXPECT_EQ(verify(), folder_.file("system.qcow2"));
  EXPECT_EQ(store().manifest().profile.administrator, "Administrator");
}

TEST_F(SignedImage, IsAcceptedWithALegacySignature) {
  sign({"-l"});
  EXPECT_EQ(verify(), folder_.file("system.qcow2"));
}

TEST_F(SignedImage, IsRefusedWithoutSignature) {
  std::filesystem::remove(folder_.file("manifest.json.minisig"));
  EXPECT_EQ(refusal().code(), ErrorCode::image_untrusted);
  EXPECT_THAT(refusal().what(), HasSubstr("has no signature"));
}

TEST_F(SignedImage, IsRefusedWhenTheManifestWasChanged) {
  write_manifest(std::string(64, '0'));
  EXPECT_EQ(refusal().code(), ErrorCode::image_untrusted);
  EXPECT_THAT(refusal().what(), HasSubstr("changed after it was signed"));
}

TEST_F(SignedImage, IsRefusedWhenSignedWithAnotherKey) {
  minisign({"-G", "-W", "-f", "-p", folder_.file("other.pub"), "-s", folder_.file("other.key")});
  std::filesystem::rename(folder_.file("other.pub"), folder_.file("image.pub"));
  EXPECT_THAT(refusal().what(), HasSubstr("signed with another key"));
}

TEST_F(SignedImage, IsRefusedWhenTheTrustedCommentWasChanged) {
  auto signature = read_file(folder_.file("manifest.json.minisig"));
  const auto at = signature.find("trusted comment: ", signature.find('\n', 30));
  signature.replace(at + 17, 4, "xxxx");
  folder_.write("manifest.json.minisig", signature);
  EXPECT_THAT(refusal().what(), HasSubstr("trusted comment was changed"));
}

TEST_F(SignedImage, IsRefusedWithASignatureThatIsNone) {
  for (const char* text : {"", "x", "untrusted comment: a\nAAAA\ntrusted comment: b\nBBBB\n", "\n\n\n\n"}) {
    folder_.write("manifest.json.minisig", text);
    EXPECT_THAT(refusal().what(), HasSubstr("not in minisign's format")) << text;
  }
}

TEST_F(SignedImage, IsRefusedWhenItsDigestIsWrong) {
  folder_.write("system.qcow2", "the content of an imagE");
  EXPECT_EQ(refusal().code(), ErrorCode::image_untrusted);
  EXPECT_THAT(refusal().what(), HasSubstr("SHA-256"));
}

TEST_F(SignedImage, IsRefusedWhenItsSizeIsWrong) {
  folder_.write("system.qcow2", "short");
  EXPECT_THAT(refusal().what(), HasSubstr("has 5 bytes, but its manifest says 23"));
}

TEST_F(SignedImage, IsVerifiedAgainAfterItChanged) {
  (void)verify();
  folder_.write("system.qcow2", "the content of an imagE");
  EXPECT_THAT(refusal().what(), HasSubstr("SHA-256"));
}

TEST_F(SignedImage, IsNotReadTwiceWhenItDidNotChange) {
  (void)verify();
  const auto cache = read_file(folder_.file("verified.json"));
  EXPECT_THAT(cache, HasSubstr(sha256_of("system.qcow2")));
  EXPECT_EQ(verify(), folder_.file("system.qcow2"));
}

TEST_F(SignedImage, IsRefusedWhenItLeadsOutOfItsFolder) {
  for (const char* name : {"../system.qcow2", "/etc/passwd", ".hidden"}) {
    write_manifest(std::string(64, '0'), name);
    sign({});
    EXPECT_EQ(refusal().code(), ErrorCode::config_invalid) << name;
    EXPECT_THAT(refusal().what(), HasSubstr("files[0].name: must be a plain file name"));
  }
}

TEST(PublicKey, SaysWhatItShouldBe) {
  EXPECT_EQ(error_of([] { images::PublicKey("image.pub", "not a key"); }).code(), ErrorCode::config_invalid);
}

}  // namespace
}  // namespace rescue::tests
