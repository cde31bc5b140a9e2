// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "credentials/one_time_secret.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace rescue::tests {
namespace {

constexpr auto fixed_id = "AAECAwQFBgcICQoLDA0ODw";
Secret fixed_key() { return Secret(std::string_view("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")); }

TEST(CodeProof, IsTheSameAsInOtherLanguages) {
  // Made by Python's hashlib.blake2b and libsodium's crypto_pwhash, by the formula in the header.
  const auto proof = credentials::proof_of_code(fixed_id, fixed_key(), Secret(std::string_view("7k3m-q9xa")));
  EXPECT_EQ(base64_of(proof.reveal()), "+aIoWeNifJUx3lc5l7jDhv0+EC+WC0U7/wyA9tkZ8pA=");
  EXPECT_EQ(base64_of(credentials::verifier_of(proof)), "DGt88DTOZedCrJA2APrdROYzV72+HvnhVSFjg8B8Z20=");
}

TEST(CodeProof, IsAcceptedOfTheSameLinkAndCodeOnly) {
  const auto id = credentials::generate_secret_id();
  const auto key = credentials::generate_link_key();
  const auto code = credentials::generate_code();
  const auto verifier = credentials::verifier_of(credentials::proof_of_code(id, key, code));
  EXPECT_TRUE(credentials::is_proven(credentials::proof_of_code(id, key, code), verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_code(id, key, credentials::generate_code()), verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_code(id, credentials::generate_link_key(), code), verifier))
      << "without the link's key no code can be tried on the verifier";
  EXPECT_FALSE(
      credentials::is_proven(credentials::proof_of_code(credentials::generate_secret_id(), key, code), verifier));
  EXPECT_FALSE(credentials::is_proven(Secret(std::string_view(verifier)), verifier)) << "the server's copy is no proof";
  EXPECT_FALSE(credentials::is_proven(Secret(std::string_view("")), verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_code(id, key, code), ""));
}

TEST(CodeProof, DoesNotOpenTheBox) {
  const auto id = credentials::generate_secret_id();
  const auto key = credentials::generate_link_key();
  const auto code = credentials::generate_code();
  auto sealed = credentials::seal(Secret(std::string_view("correct horse")), id, key, &code);
  const auto proof = credentials::proof_of_code(id, key, code);
  sealed.cost.reset();  // the key of the box is then what is given as the key
  std::string as_key = base64_of(proof.reveal());
  for (auto& c : as_key) c = c == '+' ? '-' : c == '/' ? '_' : c;
  as_key.pop_back();  // the padding
  EXPECT_FALSE(credentials::open(sealed, id, Secret(std::string_view(as_key))));
}

TEST(CodeProof, NeedsAWellFormedKeyAndCode) {
  const auto code = credentials::generate_code();
  EXPECT_EQ(
      error_of([&] { (void)credentials::proof_of_code(fixed_id, Secret(std::string_view("short")), code); }).code(),
      ErrorCode::usage);
  EXPECT_EQ(error_of([&] {
              (void)credentials::proof_of_code(fixed_id, fixed_key(), Secret(std::string_view("1234")));
            }).code(),
            ErrorCode::usage);
}

TEST(LinkProof, IsTheSameAsInOtherLanguages) {
  // Made by Python's hashlib.blake2b: hashlib.blake2b(b"rescue link proof" + id, digest_size=32, key=bytes(range(32))).
  const auto proof = credentials::proof_of_link(fixed_id, fixed_key());
  EXPECT_EQ(base64_of(proof.reveal()), "RbG0pCN9dHgvnhj0DzQ1V7Axi+nkFCu6MO8YH7K3hfA=");
  EXPECT_EQ(base64_of(credentials::verifier_of(proof)), "BL+GyPIHyY8L/nTgFwTR9Hwms3qV/ez+z9rlSSy/vEA=");
}

TEST(LinkProof, IsOfOneLinkAndLeadsToNothingElse) {
  const auto id = credentials::generate_secret_id();
  const auto key = credentials::generate_link_key();
  const auto proof = credentials::proof_of_link(id, key);
  const auto verifier = credentials::verifier_of(proof);
  EXPECT_TRUE(credentials::is_proven(proof, verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_link(credentials::generate_secret_id(), key), verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_link(id, credentials::generate_link_key()), verifier));
  EXPECT_FALSE(credentials::is_proven(credentials::proof_of_code(id, key, credentials::generate_code()), verifier));
  EXPECT_EQ(error_of([&] { (void)credentials::proof_of_link(id, Secret(std::string_view("short"))); }).code(),
            ErrorCode::usage);
}

TEST(SecretId, IsNeverTheSameAndKnownByItsForm) {
  std::set<std::string> seen;
  for (int count = 0; count < 100; ++count) {
    const auto id = credentials::generate_secret_id();
    EXPECT_TRUE(credentials::is_secret_id(id)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
  EXPECT_TRUE(credentials::is_secret_id(fixed_id));
  for (const auto* const wrong :
       {"", "web-01", "AAECAwQFBgcICQoLDA0ODw=", "AAECAwQFBgcICQoLDA0OD/", "../../../../etc/passwd"}) {
    EXPECT_FALSE(credentials::is_secret_id(wrong)) << wrong;
  }
  EXPECT_TRUE(credentials::is_link_key(credentials::generate_link_key()));
  EXPECT_FALSE(credentials::is_link_key(Secret(std::string_view(fixed_id))));
}

}  // namespace
}  // namespace rescue::tests
