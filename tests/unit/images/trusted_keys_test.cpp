// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Rotation and revocation of keys, with keys and signatures by the real minisign.

#include "core/base64.hpp"
#include "images/minisign.hpp"
#include "images/signature.hpp"
#include "images/trusted_keys.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using images::TrustedKeys;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Keys : public ::testing::Test {
protected:
  Keys() { folder_.write("manifest.json", "the text of a manifest"); }

  /// Signs with NAME.key, and verifies with the keys of `path`.
  [[nodiscard]] images::KeyId signer(const std::string& name, const std::string& path) const {
    sign_with(folder_, name, "manifest.json");
    return TrustedKeys::read(path).verify("manifest.json", read_file(folder_.file("manifest.json")),
                                          read_file(folder_.file("manifest.json.minisig")));
  }
  [[nodiscard]] Error refusal(const std::string& name) const {
    return error_of([&] { (void)signer(name, all()); });
  }
  [[nodiscard]] std::string all() const { return folder_.file("keys"); }

  ScratchFolder folder_;
};

TEST_F(Keys, OfAFolderAreTrustedAtOnceUntilTheOldOneIsRevoked) {
  const auto old_id = make_key(folder_, "old");
  EXPECT_EQ(signer("old", all()), old_id);
  const auto new_id = make_key(folder_, "new");
  EXPECT_EQ(signer("old", all()), old_id) << "hosts have both keys before the new one signs";
  EXPECT_EQ(signer("new", all()), new_id);

  folder_.write("keys/revoked", "# stolen with a laptop\n\n" + old_id + "  # 2026-11-30\n");
  EXPECT_EQ(signer("new", all()), new_id);
  const auto error = refusal("old");
  EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
  EXPECT_THAT(error.what(), AllOf(HasSubstr(old_id), HasSubstr("which is revoked")));
  EXPECT_THAT(error.hint(), HasSubstr("a key that is trusted"));
}

TEST_F(Keys, ThatWereRevokedAreRefusedWithoutTheirPublicKeyToo) {
  (void)make_key(folder_, "new");
  const auto old_id = make_key(folder_, "old");
  std::string lower = old_id;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  folder_.write("keys/revoked", lower);
  std::filesystem::remove(folder_.file("keys/old.pub"));
  EXPECT_THAT(refusal("old").what(), HasSubstr("which is revoked"));
}

TEST_F(Keys, ThatAreUnknownAreNamedBesideTheTrustedOnes) {
  const auto known = make_key(folder_, "known");
  const auto other = make_key(folder_, "other");
  std::filesystem::remove(folder_.file("keys/other.pub"));
  const auto error = refusal("other");
  EXPECT_THAT(error.what(), HasSubstr("signed with another key: " + other + "; trusted here: " + known));
  EXPECT_THAT(error.hint(), HasSubstr(all()));
}

TEST_F(Keys, HaveTheIdThatMinisignPrints) {
  const auto id = make_key(folder_, "image");
  EXPECT_THAT(read_file(folder_.file("keys/image.pub")), HasSubstr("minisign public key " + id + "\n"));
}

TEST_F(Keys, HaveAnIdWithoutLeadingZerosAsMinisignPrintsIt) {
  // The base64 of "Ed", the id 0x000A000000000001 in little endian, and a key of zeros.
  std::string bytes("Ed\x01\0\0\0\0\0\x0a\0", 10);
  bytes += std::string(32, '\0');
  EXPECT_EQ(images::PublicKey("key", base64_of(bytes)).id(), "A000000000001");
}

TEST_F(Keys, MayBeOneFile) {
  const auto id = make_key(folder_, "image");
  EXPECT_EQ(signer("image", folder_.file("keys/image.pub")), id);
}

TEST_F(Keys, AreRefusedWhereNoneIs) {
  EXPECT_EQ(error_of([&] { (void)TrustedKeys::read(folder_.file("none")); }).code(), ErrorCode::not_found);
  make_folder(all(), 0755);
  folder_.write("keys/readme.txt", "no key");
  EXPECT_THAT(error_of([&] { (void)TrustedKeys::read(all()); }).what(), HasSubstr("has no public key (*.pub)"));
}

TEST_F(Keys, AreRefusedWithAListOfRevokedOnesThatCantBeRead) {
  (void)make_key(folder_, "image");
  folder_.write("keys/revoked", "# first\nimage.pub\n");
  EXPECT_THAT(error_of([&] { (void)TrustedKeys::read(all()); }).what(), HasSubstr("revoked:2: is not the id of a key"));
}

TEST_F(Keys, WithOneIdAreRefused) {
  (void)make_key(folder_, "image");
  auto lines = read_file(folder_.file("keys/image.pub"));
  lines[lines.size() - 6] = lines[lines.size() - 6] == 'A' ? 'B' : 'A';
  folder_.write("keys/forged.pub", lines);
  EXPECT_THAT(error_of([&] { (void)TrustedKeys::read(all()); }).what(), HasSubstr("another key has its id"));
}

TEST_F(Keys, WithAPasswordSignByStandardInput) {
  make_folder(all(), 0755);
  Command command;
  command.argv = {"minisign", "-G", "-f", "-p", folder_.file("keys/image.pub"), "-s", folder_.file("image.key")};
  command.input = "correct\ncorrect\n";
  command.time_limit = Milliseconds(120'000);
  run_checked(command);

  images::SigningKey key{folder_.file("image.key"), Secret("correct")};
  images::write_signed(folder_.file("catalogue.json"), "a catalogue", key, "comment");
  const auto signature = read_file(folder_.file("catalogue.json.minisig"));
  EXPECT_THAT(signature, HasSubstr("trusted comment: comment"));
  EXPECT_NO_THROW((void)TrustedKeys::read(all()).verify("catalogue.json", "a catalogue", signature));

  key.password = Secret("wrong");
  const auto error = error_of([&] { images::write_signed(folder_.file("catalogue.json"), "another", key, "comment"); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_EQ(read_file(folder_.file("catalogue.json")), "a catalogue") << "the old pair stays";
  EXPECT_FALSE(std::filesystem::exists(folder_.file("catalogue.json.new")));
}

}  // namespace
}  // namespace rescue::tests
