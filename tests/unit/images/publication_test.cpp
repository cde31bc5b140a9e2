// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Catalogues made from the signed manifests of a folder.

#include "images/publication.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Publication : public ::testing::Test {
protected:
  Publication() {
    (void)make_key(folder_, "image");
    request_.folder = folder_.file("images");
    request_.now = std::chrono::system_clock::from_time_t(1795910400);  // 2026-11-29
  }
  void publish(const std::string& folder, const json& manifest) const {
    make_folder(folder_.file("images/" + folder), 0755);
    folder_.write("images/" + folder + "/system.qcow2", "the content of an image");
    folder_.write("images/" + folder + "/boot.profile", std::string(30, 'x'));
    folder_.write("images/" + folder + "/manifest.json", manifest.dump());
    sign_with(folder_, "image", "images/" + folder + "/manifest.json");
  }
  static json manifest_of(const std::string& name, int counter) {
    auto manifest = full_manifest();
    manifest["name"] = name;
    manifest["counter"] = counter;
    return manifest;
  }
  [[nodiscard]] std::vector<std::string> listed() const {
    std::vector<std::string> manifests;
    for (const auto& entry : images::plan_catalogue(request_).catalogue.images) manifests.push_back(entry.manifest);
    return manifests;
  }
  [[nodiscard]] Error refusal() const {
    return error_of([this] { (void)images::plan_catalogue(request_); });
  }

  ScratchFolder folder_;
  images::CatalogueRequest request_;
};

TEST_F(Publication, ListsTheNewestOfEachNameAndChannel) {
  publish("2022-old", manifest_of("windows-2022", 6));
  publish("2022/new", manifest_of("windows-2022", 7));
  publish("2025", manifest_of("windows-2025", 1));
  auto test = manifest_of("windows-2022", 9);
  test["channel"] = "test";
  publish("2022-test", test);
  EXPECT_THAT(listed(), ElementsAre("2022/new/manifest.json", "2025/manifest.json", "2022-test/manifest.json"));
  const auto plan = images::plan_catalogue(request_);
  ASSERT_EQ(plan.notes.size(), 1U);
  EXPECT_THAT(plan.notes[0], HasSubstr("2022-old/manifest.json is not listed: there is a newer version"));
  EXPECT_EQ(plan.catalogue.images[0].windows_build, 20348U);
  EXPECT_EQ(plan.catalogue.images[0].least_memory_mib, 2048U);
}

TEST_F(Publication, CountsUpwards) {
  publish("2022", manifest_of("windows-2022", 6));
  const auto first = images::plan_catalogue(request_).catalogue;
  folder_.write("images/catalogue.json", images::json_of(first).dump());
  EXPECT_EQ(images::plan_catalogue(request_).catalogue.counter, first.counter + 1) << "within one second";
  request_.now -= std::chrono::hours(1000);
  EXPECT_EQ(images::plan_catalogue(request_).catalogue.counter, first.counter + 1) << "with a clock set back";
}

TEST_F(Publication, KeepsTheDefaultUntilAnotherIsNamed) {
  publish("2022", manifest_of("windows-2022", 6));
  publish("2025", manifest_of("windows-2025", 6));
  request_.default_image = "windows-2022";
  folder_.write("images/catalogue.json", images::json_of(images::plan_catalogue(request_).catalogue).dump());
  request_.default_image.clear();
  EXPECT_EQ(images::plan_catalogue(request_).catalogue.default_image, "windows-2022");
  request_.default_image = "windows-2016";
  EXPECT_THAT(refusal().what(), HasSubstr("there is no image windows-2016 to be the default"));
}

TEST_F(Publication, LeavesOutWhatHostsWouldRefuse) {
  publish("2022", manifest_of("windows-2022", 6));
  auto expired = manifest_of("windows-2025", 1);
  expired["expires"] = "2026-11-21T00:00:00Z";
  publish("2025", expired);
  EXPECT_THAT(listed(), ElementsAre("2022/manifest.json"));
  EXPECT_THAT(images::plan_catalogue(request_).notes[0], HasSubstr("it expired on 2026-11-21"));
}

TEST_F(Publication, RefusesATruncatedFile) {
  publish("2022", manifest_of("windows-2022", 6));
  std::filesystem::resize_file(folder_.file("images/2022/system.qcow2"), 5);
  EXPECT_THAT(refusal().what(), HasSubstr("system.qcow2: has 5 bytes, but its manifest says 23"));
}

TEST_F(Publication, RefusesAMisspeltFieldAndAMissingSignature) {
  auto misspelt = manifest_of("windows-2022", 6);
  misspelt["expire"] = "2027-11-20T00:00:00Z";
  publish("2022", misspelt);
  EXPECT_THAT(refusal().hint(), HasSubstr("Did you mean 'expires'?"));
  publish("2022", manifest_of("windows-2022", 6));
  std::filesystem::remove(folder_.file("images/2022/manifest.json.minisig"));
  EXPECT_THAT(refusal().what(), HasSubstr("has no signature"));
}

TEST_F(Publication, RefusesAnImageOfAnotherKeyWhereOneIsNamed) {
  publish("2022", manifest_of("windows-2022", 6));
  request_.public_key = folder_.file("keys");
  EXPECT_THAT(listed(), ElementsAre("2022/manifest.json"));
  (void)make_key(folder_, "image");
  EXPECT_THAT(refusal().what(), HasSubstr("signed with another key"));
}

TEST_F(Publication, RefusesTwoImagesWithOneCounter) {
  publish("a", manifest_of("windows-2022", 6));
  publish("b", manifest_of("windows-2022", 6));
  EXPECT_THAT(refusal().what(), HasSubstr("the same name, channel and counter"));
}

TEST_F(Publication, NeedsAnImage) {
  make_folder(request_.folder, 0755);
  EXPECT_THAT(refusal().what(), HasSubstr("no image can be listed"));
}

}  // namespace
}  // namespace rescue::tests
