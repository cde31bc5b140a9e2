// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "orchestrator/boot/hand_over.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace rescue::tests {
namespace {

using boot::HandOver;
using ::testing::HasSubstr;
using ::testing::Not;

class BootHandOver : public ::testing::Test {
protected:
  BootHandOver() {
    make_folder(paths_.boot_folder, 0700);
    make_folder(paths_.runtime_folder, 0755);
  }
  void hand_over(const std::string& token) const {
    write_file_atomically(handed_over(),
                          R"({"url": "http://198.51.100.1:8470", "server": "web-01", "boot_token": ")" + token + "\"}",
                          0600);
  }
  [[nodiscard]] std::string handed_over() const { return paths_.boot_folder + "/control-plane.json"; }
  [[nodiscard]] HandOver found() const {
    auto result = HandOver::find(paths_);
    EXPECT_TRUE(result);
    return *std::move(result);
  }
  static ports::Redemption redemption() {
    domain::SessionRequest request;
    request.then = "reboot";
    return {"s-1", Milliseconds(3'000), request};
  }

  ScratchFolder scratch_;
  boot::HandOverPaths paths_{scratch_.file("boot"), scratch_.file("run")};
};

TEST_F(BootHandOver, IsNoneWhereNothingWasHandedOver) { EXPECT_FALSE(HandOver::find(paths_)); }

TEST_F(BootHandOver, NamesTheControlPlaneAndTheServer) {
  hand_over("rescue_abc");
  write_file_atomically(paths_.boot_folder + "/ca.pem", "a certificate", 0600);
  const auto found = this->found();
  EXPECT_EQ(found.url(), "http://198.51.100.1:8470");
  EXPECT_EQ(found.server(), "web-01");
  EXPECT_EQ(found.ca_file(), paths_.boot_folder + "/ca.pem");
  EXPECT_EQ(found.boot_token().reveal(), "rescue_abc");
  EXPECT_EQ(found.agent_token().size(), 64U);
  EXPECT_FALSE(found.redemption());
}

TEST_F(BootHandOver, NamesWhereFirmwareReachesTheControlPlaneAlsoAfterARestart) {
  hand_over("rescue_abc");
  EXPECT_EQ(found().boot_url(), "") << "of a netbootd that does not say it";
  write_file_atomically(handed_over(), R"({"url": "https://control.example", "boot_url": "http://192.0.2.10",
                                           "server": "web-01", "boot_token": "rescue_abc"})",
                        0600);
  auto first = found();
  EXPECT_EQ(first.boot_url(), "http://192.0.2.10");
  first.redeemed(redemption());
  EXPECT_EQ(found().boot_url(), "http://192.0.2.10");
}

TEST_F(BootHandOver, KeepsItsAgentTokenForItselfAndAcrossARestart) {
  hand_over("rescue_abc");
  const auto first = found();
  struct stat status {};
  ASSERT_EQ(::stat((paths_.runtime_folder + "/agent.token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto second = found();
  EXPECT_TRUE(second.agent_token().equals(first.agent_token())) << "a lost answer costs nothing";
  EXPECT_EQ(second.agent_token_sha256(), first.agent_token_sha256());
}

TEST_F(BootHandOver, DeletesTheBootTokenOnceItIsRedeemed) {
  hand_over("rescue_abc");
  auto first = found();
  first.redeemed(redemption());
  EXPECT_FALSE(read_file_if_exists(handed_over()));
  EXPECT_TRUE(first.boot_token().empty());
  EXPECT_THAT(read_file(paths_.runtime_folder + "/agent.json"), Not(HasSubstr("rescue_abc")));
  const auto second = found();
  ASSERT_TRUE(second.redemption());
  EXPECT_EQ(second.redemption()->session, "s-1");
  EXPECT_EQ(second.redemption()->heartbeat_interval, Milliseconds(3'000));
  EXPECT_EQ(second.redemption()->request->then, "reboot");
  EXPECT_EQ(second.url(), "http://198.51.100.1:8470");
}

TEST_F(BootHandOver, TakesUpARedemptionThatWasNotQuiteFinished) {
  hand_over("rescue_abc");
  found().redeemed(redemption());
  hand_over("rescue_abc");  // killed before it was deleted
  EXPECT_TRUE(found().redemption());
  EXPECT_FALSE(read_file_if_exists(handed_over()));
}

TEST_F(BootHandOver, StartsAnewWithTheTokenOfAnotherBoot) {
  hand_over("rescue_abc");
  auto before = found();
  before.redeemed(redemption());
  hand_over("rescue_def");
  const auto now = found();
  EXPECT_FALSE(now.redemption());
  EXPECT_EQ(now.boot_token().reveal(), "rescue_def");
  EXPECT_FALSE(now.agent_token().equals(before.agent_token()));
}

TEST_F(BootHandOver, SaysWhatIsWrongWithoutTheToken) {
  write_file_atomically(handed_over(), R"({"url": "ftp://x", "server": "web-01", "boot_token": "rescue_abc"})", 0600);
  const auto error = error_of([&] { (void)HandOver::find(paths_); });
  EXPECT_EQ(error.code(), ErrorCode::config_invalid);
  EXPECT_THAT(error.what(), HasSubstr("control-plane.json"));
  EXPECT_THAT(error.what(), Not(HasSubstr("rescue_abc")));
  write_file_atomically(handed_over(), R"({"url": "http://x", "boot_token": "rescue_abc)", 0600);
  EXPECT_THAT(error_of([&] { (void)HandOver::find(paths_); }).what(), Not(HasSubstr("rescue_abc")));
}

}  // namespace
}  // namespace rescue::tests
