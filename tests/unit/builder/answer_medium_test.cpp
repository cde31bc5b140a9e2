// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The answer medium, made by the real xorriso and read back.
#include "core/error.hpp"
#include "images/builder/answer_medium.hpp"
#include "images/builder/answers.hpp"
#include "images/windows/build_plan.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/windows/media_builder.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::builder {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class AnswerMedia : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media()) GTEST_SKIP() << "needs genisoimage, wimtools, msitools and libarchive-tools";
  }
  [[nodiscard]] std::string staging() const { return media.path("staging"); }
  [[nodiscard]] windows::BuildPlan plan() {
    request.iso = media.windows_tree("windows", tests::server_editions(20348, "2022"));
    request.virtio = media.virtio_tree("virtio", {"2k22"}, 271);
    request.edition = "2";
    (void)media.program("ssh/OpenSSH-Win64/sshd.exe", 0x8664);
    (void)media.write("ssh/OpenSSH-Win64/install-sshd.ps1", "install");
    request.ssh_zip = media.zip("ssh.zip", media.path("ssh"));
    request.answers.ui_language.clear();
    return windows::plan_build(request, RESCUE_WIM);
  }
  /// The medium that `fill` makes, read back.
  template <class Fill>
  [[nodiscard]] std::unique_ptr<media::Medium> made(Fill fill) const {
    AnswerMedium answers(staging());
    fill(answers);
    answers.write_iso(media.path("answers.iso"));
    return media::open_medium(media.path("answers.iso"));
  }

  tests::MediaBuilder media;
  windows::BuildRequest request;
  Secret password{"Tr0ub4dor"};
};

std::string text_of(const media::Medium& medium, const std::string& path) {
  const auto* const file = medium.find(path);
  return file == nullptr ? "(no " + path + ")" : medium.read_all(*file, 1U << 20U);
}

TEST_F(AnswerMedia, HasAnswersDriversProgramsAndScriptsForWindows) {
  const auto planned = plan();
  (void)media.write("extra/install.cmd", "exit /b 0");
  (void)media.write("scripts/10-tool.cmd", "exit /b 0");
  (void)media.write("customers/README.txt", "read me");
  const auto medium = made([&](AnswerMedium& answers) {
    add_windows_answers(answers, planned, request,
                        {media.path("extra"), media.path("scripts"), media.path("customers")}, password);
  });
  const auto xml = text_of(*medium, "autounattend.xml");
  EXPECT_THAT(xml, HasSubstr("<AdministratorPassword>"));
  EXPECT_THAT(xml, HasSubstr("do if exist %d:\\rescue-install.cmd call %d:\\rescue-install.cmd"));
  EXPECT_NE(medium->find("drivers/vioscsi/vioscsi.inf"), nullptr);
  EXPECT_NE(medium->find("drivers/NetKVM/NetKVM.inf"), nullptr);
  EXPECT_NE(medium->find("agent/qemu-ga-x86_64.msi"), nullptr);
  EXPECT_EQ(text_of(*medium, "openssh/install-sshd.ps1"), "install");
  EXPECT_EQ(text_of(*medium, "scripts/10-tool.cmd"), "exit /b 0");
  EXPECT_EQ(text_of(*medium, "extra/install.cmd"), "exit /b 0");
  EXPECT_EQ(text_of(*medium, "customers/README.txt"), "read me");
  EXPECT_THAT(text_of(*medium, "customers.cmd"), HasSubstr("\"%SystemDrive%\\Rescue\""));
  const auto script = text_of(*medium, "rescue-install.cmd");
  EXPECT_THAT(script, HasSubstr("msiexec.exe /i \"%medium%agent\\qemu-ga-x86_64.msi\" /qn /norestart"));
  EXPECT_THAT(script, HasSubstr("sc.exe config sshd start= auto"));
  const auto for_customers = script.find("%medium%customers.cmd");
  ASSERT_NE(for_customers, std::string::npos);
  EXPECT_LT(for_customers, script.find("%medium%scripts\\10-tool.cmd")) << "the provider's own come last";
}

TEST_F(AnswerMedia, IsForItsOwnerOnlyAndLeavesNoCopyOfThePassword) {
  (void)made([&](AnswerMedium& answers) { add_standin_answers(answers, "RESCUE", {}, password); });
  EXPECT_EQ(fs::status(media.path("answers.iso")).permissions() & fs::perms::mask,
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(fs::exists(staging()));
}

TEST_F(AnswerMedia, RefusesNamesThatWindowsCantRead) {
  AnswerMedium answers(staging());
  for (const auto& name : std::vector<std::string>{"a:b", "x/what?", "../escape", std::string(65, 'n')}) {
    EXPECT_EQ(tests::error_of([&] { answers.add(name, ""); }).code(), ErrorCode::usage) << name;
  }
  answers.add("twice", "");
  EXPECT_THAT(tests::error_of([&] { answers.add("twice", ""); }).what(), HasSubstr("there is one already"));
}

TEST_F(AnswerMedia, RefusesMoreThanItsLimit) {
  (void)media.write("extra/small", "x");
  fs::resize_file(media.path("extra/small"), AnswerMedium::largest + 1);
  AnswerMedium answers(staging());
  const auto error = tests::error_of([&] {
    add_standin_answers(answers, "RESCUE", {media.path("extra"), ""}, password);
  });
  EXPECT_EQ(error.code(), ErrorCode::usage);
  EXPECT_THAT(error.what(), HasSubstr("at most 2048 MiB"));
}

TEST_F(AnswerMedia, NamesAFolderThatHasNothing) {
  fs::create_directories(media.path("empty"));
  AnswerMedium answers(staging());
  EXPECT_EQ(tests::error_of([&] { answers.add_from(*media::open_medium(media.path("empty")), "", "extra"); }).code(),
            ErrorCode::precondition);
}

}  // namespace
}  // namespace rescue::builder
