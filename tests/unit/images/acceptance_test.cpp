// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Signed manifests that are refused all the same: of another image, expired, rolled back.

#include "images/acceptance.hpp"
#include "images/manifest_fields.hpp"
#include "images/store.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Acceptance : public ::testing::Test {
protected:
  Acceptance() {
    (void)make_key(folder_, "image");
    rules_.now = [this] { return now_; };
    now_ = std::chrono::system_clock::from_time_t(1795910400);  // 2026-11-29
  }
  void publish(const json& manifest) const {
    folder_.write("manifest.json", manifest.dump());
    sign_with(folder_, "image", "manifest.json");
  }
  [[nodiscard]] images::Manifest accepted() const {
    return images::Store(folder_.file("manifest.json"), folder_.file("keys"), folder_.file("verified.json"), rules_)
        .manifest();
  }
  [[nodiscard]] Error refusal() const {
    auto error = error_of([this] { (void)accepted(); });
    EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
    EXPECT_FALSE(error.hint().empty());
    return error;
  }
  static json with_counter(int counter) {
    auto manifest = full_manifest();
    manifest["counter"] = counter;
    return manifest;
  }

  ScratchFolder folder_;
  WallTime now_;
  images::AcceptanceRules rules_;
};

TEST_F(Acceptance, IsForTheExpectedImage) {
  publish(full_manifest());
  rules_.name = "windows-2022";
  rules_.channel = "stable";
  EXPECT_EQ(accepted().name, "windows-2022");
  rules_.name = "windows-2025";
  EXPECT_THAT(refusal().what(), HasSubstr("is the manifest of the image windows-2022, expected was windows-2025"));
  rules_.name.clear();
  rules_.channel = "test";
  EXPECT_THAT(refusal().what(), HasSubstr("is of the channel stable, expected was test"));
}

TEST_F(Acceptance, EndsWhenTheManifestExpires) {
  publish(full_manifest());
  EXPECT_EQ(accepted().name, "windows-2022");
  now_ += std::chrono::hours(24 * 365);
  EXPECT_THAT(refusal().what(),
              AllOf(HasSubstr("expired on 2027-11-20T00:00:00Z"), HasSubstr("this host's clock says 2027-11-29T")));
  now_ = WallTime{};
  EXPECT_EQ(accepted().name, "windows-2022") << "a clock at 1970 is wrong, but refuses nothing";
}

TEST_F(Acceptance, IsNotForAnOlderVersionThatIsReplayed) {
  rules_.counters = folder_.file("counters.json");
  publish(with_counter(7));
  EXPECT_EQ(accepted().counter, 7U);
  publish(with_counter(9));
  EXPECT_EQ(accepted().counter, 9U);
  publish(with_counter(8));
  const auto error = refusal();
  EXPECT_THAT(error.what(), HasSubstr("an older version was replayed: its counter is 8, 9 was accepted here before"));
  EXPECT_THAT(error.hint(), HasSubstr(rules_.counters));

  auto other = with_counter(1);
  other["name"] = "windows-2025";
  publish(other);
  EXPECT_EQ(accepted().counter, 1U) << "each image has a counter of its own";
  other = with_counter(1);
  other["channel"] = "test";
  publish(other);
  EXPECT_EQ(accepted().counter, 1U) << "and each channel";
}

TEST_F(Acceptance, OfTheSameVersionIsPossibleAgain) {
  rules_.counters = folder_.file("counters.json");
  publish(with_counter(7));
  (void)accepted();
  EXPECT_EQ(accepted().counter, 7U);
}

TEST_F(Acceptance, IsNotForTheOlderFormatOfAnImageThatHasHadACounter) {
  rules_.counters = folder_.file("counters.json");
  publish(with_counter(7));
  (void)accepted();
  auto first = json::parse(R"({"format": 1, "name": "windows-2022", "version": "1",
    "profile": {"os": "windows", "firmware": "uefi", "disk_bus": "virtio-scsi"}})");
  first["files"] = json::array({full_manifest()["files"][0]});
  publish(first);
  EXPECT_THAT(refusal().what(), HasSubstr("an older version was replayed: its counter is 0"));
}

TEST_F(Acceptance, IsNotBelowTheConfiguredCounter) {
  publish(with_counter(7));
  rules_.least_counter = 7;
  EXPECT_EQ(accepted().counter, 7U);
  rules_.least_counter = 8;
  EXPECT_THAT(refusal().what(), HasSubstr("its counter is 7, image.least_counter is 8"));
}

TEST_F(Acceptance, OfARefusedManifestIsNotRecorded) {
  rules_.counters = folder_.file("counters.json");
  rules_.name = "windows-2025";
  publish(with_counter(9));
  (void)refusal();
  EXPECT_FALSE(std::filesystem::exists(rules_.counters));
}

TEST_F(Acceptance, IsRefusedWhereTheBookOfCountersIsDamaged) {
  rules_.counters = folder_.write("counters.json", "{\"stable/windows-2022\": \"many\"}");
  publish(full_manifest());
  const auto error = error_of([this] { (void)accepted(); });
  EXPECT_THAT(report_of(error).one_line(), HasSubstr(rules_.counters));
  EXPECT_THAT(error.hint(), HasSubstr("remove the file"));
}

}  // namespace
}  // namespace rescue::tests
