// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/access/probe_answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::access {
namespace {

using domain::RdpResult;
using domain::Readiness;
using domain::SshResult;
using nlohmann::json;

const std::string host_key = "SHA256:" + std::string(40, 'a') + "Z+/";

std::string certificate() {
  std::string text = "09";
  for (int pair = 1; pair < 32; ++pair) text += ":af";
  return text;
}

SshResult logged_in() { return {Readiness::command_ran, host_key, "ssh-ed25519", "administrator", ""}; }
RdpResult shaken_hands() { return {Readiness::banner, certificate(), true, domain::RdpProof::none, ""}; }

/// An answer with these members changed; null removes one.
std::string changed(const std::string& answer, const json& members) {
  auto object = json::parse(answer);
  object.merge_patch(members);
  return object.dump();
}
std::string ssh_fault(const json& members) {
  const auto answer = read_ssh_answer(changed(answer_of(logged_in()), members));
  EXPECT_EQ(answer.result.has_value(), answer.fault.empty());
  return answer.fault;
}
std::string rdp_fault(const json& members) {
  const auto answer = read_rdp_answer(changed(answer_of(shaken_hands()), members));
  EXPECT_EQ(answer.result.has_value(), answer.fault.empty());
  return answer.fault;
}

TEST(SshAnswer, ComesBackAsItWas) {
  const SshResult results[] = {
      logged_in(),
      {Readiness::unreachable, "", "", "", "Connection refused"},
      {Readiness::tcp_open, "", "", "", "the service on this port is not SSH"},
      {Readiness::banner, "", "", "", "the key exchange failed: \\x1b"},
      {Readiness::banner, host_key, "ecdsa-sha2-nistp256", "", "the server refused the password of Jürgen"},
      {Readiness::authenticated, host_key, "sk-ssh-ed25519@openssh.com", "", "whoami ended with 1: "},
  };
  for (const auto& result : results) {
    const auto answer = read_ssh_answer(answer_of(result));
    ASSERT_TRUE(answer.result) << answer.fault;
    EXPECT_EQ(answer.result->readiness, result.readiness);
    EXPECT_EQ(answer.result->host_key_fingerprint, result.host_key_fingerprint);
    EXPECT_EQ(answer.result->host_key_type, result.host_key_type);
    EXPECT_EQ(answer.result->command_output, result.command_output);
    EXPECT_EQ(answer.result->problem, result.problem.substr(0, result.problem.find_last_not_of(' ') + 1));
  }
}

TEST(RdpAnswer, ComesBackAsItWas) {
  const RdpResult results[] = {
      shaken_hands(),
      {Readiness::banner, certificate(), false, domain::RdpProof::none, ""},
      {Readiness::unreachable, "", false, domain::RdpProof::none, "Connection refused"},
      {Readiness::tcp_open, "", true, domain::RdpProof::none, "the TLS handshake failed: wrong version number"},
  };
  for (const auto& result : results) {
    const auto answer = read_rdp_answer(answer_of(result));
    ASSERT_TRUE(answer.result) << answer.fault;
    EXPECT_EQ(answer.result->readiness, result.readiness);
    EXPECT_EQ(answer.result->certificate_fingerprint, result.certificate_fingerprint);
    EXPECT_EQ(answer.result->nla, result.nla);
    EXPECT_EQ(answer.result->proof, domain::RdpProof::none);
    EXPECT_EQ(answer.result->problem, result.problem);
  }
}

TEST(ProbeAnswer, IsOneFlatObjectOfBoundedSize) {
  EXPECT_EQ(read_ssh_answer("").fault, "it is not a JSON object");
  EXPECT_EQ(read_ssh_answer("[]").fault, "it is not a JSON object");
  EXPECT_EQ(read_ssh_answer("{\"problem\":\"\xff\"}").fault, "it is not a JSON object");
  EXPECT_EQ(read_ssh_answer(answer_of(logged_in()) + "x").fault, "it is not a JSON object");
  EXPECT_EQ(read_ssh_answer("{\"readiness\":{}}").fault, "it is nested");
  EXPECT_EQ(read_rdp_answer(std::string(1'000, '[')).fault, "it is nested");
  const auto answer = answer_of(shaken_hands());
  EXPECT_EQ(read_rdp_answer(answer + std::string(largest_answer - answer.size(), ' ')).fault, "");
  EXPECT_EQ(read_rdp_answer(answer + std::string(largest_answer - answer.size() + 1, ' ')).fault, "it is too long");
}

TEST(ProbeAnswer, IsNeverTooLongWhenItIsHonest) {
  const std::string worst(500, '"');
  EXPECT_EQ(read_ssh_answer(answer_of(SshResult{Readiness::banner, host_key, "ssh-rsa", "", worst})).fault, "");
  auto result = logged_in();
  result.command_output = worst;
  EXPECT_EQ(read_ssh_answer(answer_of(result)).fault, "");
}

TEST(ProbeAnswer, HasEachMemberAndNothingElse) {
  for (const auto* const name :
       {"readiness", "host_key_fingerprint", "host_key_type", "host_key_blob", "command_output", "problem"}) {
    EXPECT_EQ(ssh_fault({{name, nullptr}}), std::string("it lacks ") + name);
    EXPECT_EQ(ssh_fault({{name, 7}}), std::string(name) + " is not a string");
  }
  for (const auto* const name : {"readiness", "nla", "certificate_fingerprint", "problem"}) {
    EXPECT_EQ(rdp_fault({{name, nullptr}}), std::string("it lacks ") + name);
    EXPECT_NE(rdp_fault({{name, 7}}), "");
  }
  EXPECT_EQ(rdp_fault({{"nla", "true"}}), "nla is neither true nor false");
  EXPECT_EQ(ssh_fault({{"refused", "true"}}), "refused is neither true nor false");
  EXPECT_EQ(ssh_fault({{"refused", nullptr}}), "it lacks refused");
  EXPECT_EQ(ssh_fault({{"proof", "authenticated"}}), "it has unknown members");
  EXPECT_EQ(rdp_fault({{"proof", "authenticated"}}), "it has unknown members");
}

TEST(ProbeAnswer, KnowsEachReadiness) {
  for (const auto* const wrong : {"", "Banner", "command_ran", "unknown"}) {
    EXPECT_EQ(ssh_fault({{"readiness", wrong}}), "readiness has an unknown value");
  }
  EXPECT_EQ(rdp_fault({{"readiness", "authenticated"}}), "a handshake can't prove a login");
  EXPECT_EQ(rdp_fault({{"readiness", "command-ran"}}), "a handshake can't prove a login");
}

TEST(SshAnswer, IsNoRefusalOfALogin) {
  EXPECT_EQ(ssh_fault({{"refused", true}}), "readiness and refused contradict each other");
  SshResult refused{Readiness::banner, host_key, "ssh-rsa", "", "no"};
  refused.refused = true;
  EXPECT_TRUE(read_ssh_answer(answer_of(refused)).result->refused);
}

TEST(SshAnswer, HasAHostKeyOfTheRightShape) {
  for (const auto& wrong : {std::string(), host_key.substr(1), host_key + "a", host_key.substr(0, 49) + "=",
                            "MD5:" + host_key.substr(7), host_key.substr(0, 49) + "\n"}) {
    EXPECT_EQ(ssh_fault({{"host_key_fingerprint", wrong}}), "host_key_fingerprint is invalid") << wrong;
  }
  for (const auto& wrong : {std::string(), std::string("ssh rsa"), std::string("\x1b"), std::string(65, 'a')}) {
    EXPECT_EQ(ssh_fault({{"host_key_type", wrong}}), "host_key_type is invalid") << wrong;
  }
}

TEST(SshAnswer, HasAHostKeyThatBelongsToItsFingerprint) {
  // A key of ssh-keygen, and the fingerprint that it prints.
  const std::string blob = "AAAAC3NzaC1lZDI1NTE5AAAAIGi7AUgWVxbRychHErbapK25VFpjUaPz0osipcLhwAU+";
  const std::string fingerprint = "SHA256:771D0j5a4iSCWUzoDfqUVLhUfWlOqBzUYsD0MY3yde4";
  EXPECT_EQ(ssh_fault({{"host_key_fingerprint", fingerprint}, {"host_key_blob", blob}}), "");
  const auto answer = read_ssh_answer(
      changed(answer_of(logged_in()), {{"host_key_fingerprint", fingerprint}, {"host_key_blob", blob}}));
  ASSERT_TRUE(answer.result) << answer.fault;
  EXPECT_EQ(answer.result->host_key_blob, blob);
  EXPECT_EQ(read_ssh_answer(answer_of(*answer.result)).result->host_key_blob, blob);
  EXPECT_EQ(ssh_fault({{"host_key_blob", blob}}), "host_key_blob is invalid") << "of another key";
  for (const auto& wrong : {blob + "\n", blob.substr(1), std::string("x"), std::string(8'000, 'A')}) {
    EXPECT_EQ(ssh_fault({{"host_key_fingerprint", fingerprint}, {"host_key_blob", wrong}}), "host_key_blob is invalid");
  }
  EXPECT_EQ(ssh_fault({{"host_key_fingerprint", fingerprint}, {"host_key_blob", blob}, {"host_key_type", "ssh-rsa"}}),
            "host_key_blob is invalid");
  EXPECT_EQ(ssh_fault({{"readiness", "tcp-open"},
                       {"command_output", ""},
                       {"problem", "x"},
                       {"host_key_fingerprint", ""},
                       {"host_key_type", ""},
                       {"host_key_blob", blob}}),
            "host_key_blob is invalid")
      << "a key without a fingerprint";
}

TEST(RdpAnswer, HasACertificateOfTheRightShape) {
  auto upper = certificate();
  upper[0] = 'A';
  auto other = certificate();
  other[2] = '-';
  for (const auto& wrong : {std::string(), certificate().substr(3), certificate() + ":", upper, other,
                            std::string("/cert:ignore"), std::string(95, '0')}) {
    EXPECT_EQ(rdp_fault({{"certificate_fingerprint", wrong}}), "certificate_fingerprint is invalid") << wrong;
  }
}

TEST(SshAnswer, DoesNotContradictItself) {
  EXPECT_EQ(ssh_fault({{"problem", "x"}}), "readiness and problem contradict each other");
  EXPECT_EQ(ssh_fault({{"readiness", "banner"}, {"command_output", ""}}),
            "readiness and problem contradict each other");
  EXPECT_EQ(ssh_fault({{"readiness", "banner"}, {"problem", "x"}}), "there is output of a command that did not run");
  EXPECT_EQ(ssh_fault({{"readiness", "tcp-open"}, {"command_output", ""}, {"problem", "x"}}),
            "there is a host key without a server");
  EXPECT_EQ(ssh_fault({{"host_key_fingerprint", ""}, {"host_key_type", ""}}), "there is a login without a host key");
}

TEST(RdpAnswer, DoesNotContradictItself) {
  EXPECT_EQ(rdp_fault({{"problem", "x"}}), "readiness and problem contradict each other");
  EXPECT_EQ(rdp_fault({{"readiness", "tcp-open"}, {"certificate_fingerprint", ""}}),
            "readiness and problem contradict each other");
  EXPECT_EQ(rdp_fault({{"readiness", "tcp-open"}, {"problem", "x"}}), "certificate_fingerprint is invalid");
  EXPECT_EQ(rdp_fault({{"readiness", "unreachable"}, {"certificate_fingerprint", ""}, {"problem", "x"}}),
            "there is a negotiation without a server");
}

TEST(ProbeAnswer, HasTextsThatCanBeShown) {
  const auto answer = read_ssh_answer(changed(answer_of(logged_in()), {{"command_output", "a\x1b[2J\n\u202e"}}));
  ASSERT_TRUE(answer.result) << answer.fault;
  EXPECT_EQ(answer.result->command_output, "a\\x1b[2J \\u202e");
  const auto longer = read_ssh_answer(changed(answer_of(logged_in()), {{"command_output", std::string(5'000, 'x')}}));
  ASSERT_TRUE(longer.result) << longer.fault;
  EXPECT_EQ(longer.result->command_output.size(), 500U);
  EXPECT_EQ(ssh_fault({{"readiness", "authenticated"}, {"command_output", ""}, {"problem", " \n "}}),
            "readiness and problem contradict each other");
}

}  // namespace
}  // namespace rescue::access
