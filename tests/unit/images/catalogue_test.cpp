// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Catalogues: their fields, the choice of an image, and a store that opens one by them.

#include "images/catalogue.hpp"
#include "images/store.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using images::Catalogue;
using images::CatalogueEntry;
using images::Wish;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

json entry(const std::string& name, unsigned build, const json& languages = {"en-US"}) {
  json entry{{"name", name},
             {"channel", "stable"},
             {"version", "1"},
             {"counter", 7},
             {"kind", "windows-server"},
             {"windows_build", build},
             {"least_memory_mib", 2048},
             {"languages", languages},
             {"manifest", name + "/manifest.json"}};
  if (build == 0) {
    entry["kind"] = "standin";
    entry.erase("windows_build");
  }
  return entry;
}

json catalogue_json() {
  return {{"catalogue", 1},
          {"counter", 3},
          {"created", "2026-11-20T10:00:00Z"},
          {"images", json::array({entry("windows-2019", 17763), entry("windows-2022", 20348),
                                  entry("windows-2022-de", 20348, {"de-DE"}), entry("windows-2025", 26100),
                                  entry("standin", 0)})}};
}

Catalogue read_catalogue(const json& catalogue) { return Catalogue::parse_text("catalogue.json", catalogue.dump()); }

Catalogue sample() {
  auto catalogue = catalogue_json();
  catalogue["default"] = "windows-2022";
  return read_catalogue(catalogue);
}

struct Chosen {
  std::string name;
  std::string reason;
};
Chosen chosen(const Catalogue& catalogue, const Wish& wish) {
  const auto choice = images::choose(catalogue, wish);
  return {choice.entry.name, choice.reason};
}

TEST(Choice, IsTheDefaultWithoutAWish) {
  for (const auto* name : {"", "default"}) {
    const auto choice = chosen(sample(), {.name = name});
    EXPECT_EQ(choice.name, "windows-2022");
    EXPECT_EQ(choice.reason, "windows-2022 (build 20348) is chosen because it is the catalogue's default.");
  }
}

TEST(Choice, IsTheNewestWindowsWithoutADefault) {
  EXPECT_EQ(chosen(read_catalogue(catalogue_json()), {}).name, "windows-2025");
  auto only_standin = catalogue_json();
  only_standin["images"] = json::array({entry("standin", 0)});
  const auto choice = chosen(read_catalogue(only_standin), {.installed_build = 20348});
  EXPECT_EQ(choice.name, "standin");
  EXPECT_THAT(choice.reason, HasSubstr("the catalogue has no Windows"));
}

TEST(Choice, IsByNameWhereOneIsRequested) {
  const auto choice = chosen(sample(), {.name = "windows-2025", .installed_build = 20348});
  EXPECT_EQ(choice.name, "windows-2025");
  EXPECT_THAT(choice.reason, HasSubstr("requested by name"));
  EXPECT_EQ(chosen(sample(), {.name = "standin", .installed_build = 20348}).name, "standin");
  const auto error = error_of([] { (void)images::choose(sample(), {.name = "windows-2016"}); });
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_THAT(error.hint(), HasSubstr("windows-2019, windows-2022, windows-2022-de, windows-2025, standin"));
}

TEST(Choice, HasTheBuildOfTheInstalledWindows) {
  const auto choice = chosen(sample(), {.installed_build = 17763});
  EXPECT_EQ(choice.name, "windows-2019");
  EXPECT_EQ(choice.reason, "windows-2019 (build 17763) is chosen because it has the build of the installed Windows.");
}

TEST(Choice, IsElseTheNearestNewerWindows) {
  const auto choice = chosen(sample(), {.installed_build = 19045});
  EXPECT_EQ(choice.name, "windows-2022");
  EXPECT_THAT(choice.reason, HasSubstr("the nearest that is newer than the installed Windows (build 19045)"));
}

TEST(Choice, IsNeverAnOlderWindows) {
  const auto by_rule = error_of([] { (void)images::choose(sample(), {.installed_build = 27000}); });
  EXPECT_EQ(by_rule.code(), ErrorCode::precondition);
  EXPECT_THAT(by_rule.what(), HasSubstr("no image is as new as the installed Windows (build 27000)"));
  const auto by_name =
      error_of([] { (void)images::choose(sample(), {.name = "windows-2019", .installed_build = 20348}); });
  EXPECT_EQ(by_name.code(), ErrorCode::precondition);
  EXPECT_THAT(by_name.what(), HasSubstr("windows-2019 (build 17763) is older than the installed Windows"));
}

TEST(Choice, HasTheLanguageAmongEqualBuilds) {
  for (const auto* language : {"de-DE", "de-AT", "DE"}) {
    EXPECT_EQ(chosen(sample(), {.installed_build = 20348, .language = language}).name, "windows-2022-de") << language;
  }
  EXPECT_EQ(chosen(sample(), {.language = "de"}).name, "windows-2022-de");
  const auto choice = chosen(sample(), {.installed_build = 20348, .language = "fr-FR"});
  EXPECT_EQ(choice.name, "windows-2022") << "the build matters more";
  EXPECT_THAT(choice.reason, HasSubstr("no such image is in fr-FR"));
}

TEST(Choice, StaysInItsChannel) {
  auto catalogue = catalogue_json();
  catalogue["images"][3]["channel"] = "test";
  EXPECT_EQ(chosen(read_catalogue(catalogue), {}).name, "windows-2022");
  EXPECT_EQ(chosen(read_catalogue(catalogue), {.channel = "test"}).name, "windows-2025");
  EXPECT_THAT(error_of([&] { (void)images::choose(read_catalogue(catalogue), {.channel = "beta"}); }).what(),
              HasSubstr("no image of the channel beta"));
}

TEST(CatalogueFields, AreWrittenAsTheyAreRead) {
  auto catalogue = catalogue_json();
  catalogue["default"] = "windows-2022";
  catalogue["expires"] = "2027-01-01T00:00:00Z";
  EXPECT_EQ(json(images::json_of(read_catalogue(catalogue))), catalogue);
}

TEST(CatalogueFields, AreRefusedWithTheirPath) {
  const struct {
    const char* path;
    json value;
    const char* message;
  } wrong[]{
      {"/catalogue", 2, "catalogue: is 2, this program reads catalogues up to 1"},
      {"/counter", nullptr, "'counter' is missing"},
      {"/default", "windows-2016", "default: is no image of this catalogue"},
      {"/expires", "2026-01-01T00:00:00Z", "expires: must be after"},
      {"/images/0/manifest", "../windows-2019/manifest.json", "images[0].manifest: must be a path below"},
      {"/images/0/manifest", "/etc/manifest.json", "images[0].manifest: must be a path below"},
      {"/images/0/manifest", "a b/manifest.json", "images[0].manifest: must be a path below"},
      {"/images/0/manifest", "a/b/c/d/manifest.json", "images[0].manifest: must be a path below"},
      {"/images/0/manifest", "manifest.json", "images[0].manifest: must be the manifest.json of a folder"},
      {"/images/0/windows_build", nullptr, "'windows_build' is missing"},
      {"/images/1/name", "windows-2019", "images[1].name: is given twice"},
      {"/images", std::vector<json>(300), "images: must have 256 items"},
  };
  for (const auto& one : wrong) {
    auto catalogue = catalogue_json();
    catalogue[json::json_pointer(one.path)] = one.value;
    const auto error = error_of([&] { (void)read_catalogue(catalogue); });
    EXPECT_EQ(error.code(), ErrorCode::config_invalid) << one.path;
    EXPECT_THAT(error.what(), HasSubstr(one.message)) << one.path;
  }
}

class CatalogueStore : public ::testing::Test {
protected:
  CatalogueStore() {
    (void)make_key(folder_, "image");
    for (const auto* name : {"windows-2022", "windows-2025"}) publish(name, 7);
    folder_.write("images/catalogue.json",
                  json{{"catalogue", 1},
                       {"counter", 3},
                       {"created", "2026-11-20T10:00:00Z"},
                       {"images", json::array({entry("windows-2022", 20348), entry("windows-2025", 26100)})}}
                      .dump());
    sign_with(folder_, "image", "images/catalogue.json");
  }
  void publish(const std::string& name, int counter, const std::string& in = {}) const {
    const auto folder = "images/" + (in.empty() ? name : in);
    make_folder(folder_.file(folder), 0755);
    auto manifest = full_manifest();
    manifest["name"] = name;
    manifest["counter"] = counter;
    manifest["expires"] = "2199-01-01T00:00:00Z";
    folder_.write(folder + "/manifest.json", manifest.dump());
    sign_with(folder_, "image", folder + "/manifest.json");
  }
  [[nodiscard]] images::Manifest opened(const std::string& path, const Wish& wish = {}) const {
    return images::Store::open({folder_.file(path), folder_.file("keys"), folder_.file("verified.json"), rules_}, wish)
        .manifest();
  }

  ScratchFolder folder_;
  images::AcceptanceRules rules_;
};

TEST_F(CatalogueStore, OpensTheChosenImage) {
  EXPECT_EQ(opened("images").name, "windows-2025");
  EXPECT_EQ(opened("images/catalogue.json", {.installed_build = 20348}).name, "windows-2022");
  EXPECT_EQ(opened("images", {.name = "windows-2022"}).name, "windows-2022");
  rules_.name = "windows-2022";
  EXPECT_EQ(opened("images").name, "windows-2022") << "image.name is the default";
  EXPECT_EQ(opened("images", {.name = "windows-2025"}).name, "windows-2025") << "which a request overrides";
}

TEST_F(CatalogueStore, OpensASingleImageAsBefore) {
  rules_.name = "windows-2022";
  EXPECT_EQ(opened("images/windows-2022").name, "windows-2022");
  EXPECT_EQ(opened("images/windows-2022/manifest.json").name, "windows-2022");
}

TEST_F(CatalogueStore, RefusesTheManifestOfAnotherImageInTheFolder) {
  publish("windows-2022", 8, "windows-2025");
  EXPECT_THAT(error_of([this] { (void)opened("images"); }).what(),
              HasSubstr("is the manifest of the image windows-2022 (stable), but the catalogue promises windows-2025"));
}

TEST_F(CatalogueStore, RefusesAnOlderManifestThanTheCataloguePromises) {
  publish("windows-2025", 6);
  EXPECT_THAT(error_of([this] { (void)opened("images"); }).what(),
              HasSubstr("an older version was replayed: its counter is 6, the catalogue promises 7"));
  publish("windows-2025", 8);
  EXPECT_EQ(opened("images").counter, 8U) << "a newer one is published before its catalogue";
}

TEST_F(CatalogueStore, RefusesAChangedOrReplayedCatalogue) {
  rules_.counters = folder_.file("counters.json");
  (void)opened("images");
  const auto path = folder_.file("images/catalogue.json");
  const auto text = read_file(path);
  auto older = json::parse(text);
  older["counter"] = 2;
  folder_.write("images/catalogue.json", older.dump());
  EXPECT_THAT(error_of([this] { (void)opened("images"); }).what(), HasSubstr("changed after it was signed"));
  sign_with(folder_, "image", "images/catalogue.json");
  EXPECT_THAT(error_of([this] { (void)opened("images"); }).what(),
              HasSubstr("an older version was replayed: its counter is 2, 3 was accepted here before"));
}

}  // namespace
}  // namespace rescue::tests
