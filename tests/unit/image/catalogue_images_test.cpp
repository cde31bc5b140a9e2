// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Images of a catalogue, from a web server and on the host: chosen by wish, rotated, replayed, garbled.
#include "core/http/served_file.hpp"
#include "images/publication.hpp"
#include "orchestrator/image/web_images.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/http/running_server.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* image_bytes = "the content of an image";

class CatalogueOfImages : public ::testing::Test {
protected:
  CatalogueOfImages() {
    clock_.advance(std::chrono::hours(24 * 400));  // behind the dates of the manifests
    (void)make_key(scratch_, "image");
    add_image("windows-2022", 20348);
    add_image("windows-2025", 26100);
    publish_catalogue("image");
  }
  void add_image(const std::string& name, unsigned build, int counter = 7, const std::string& key = "image") {
    const auto folder = "www/" + name;
    make_folder(scratch_.file(folder), 0755);
    scratch_.write(folder + "/system.qcow2", image_bytes);
    scratch_.write(folder + "/boot.profile", "rescue-boot-profile 1\n0\n");
    auto manifest = full_manifest();
    manifest["name"] = name;
    manifest["counter"] = counter;
    manifest["windows"]["build"] = build;
    auto& files = manifest["files"];
    files[0].erase("chunks");
    files[0]["sha256"] = images::sha256_of_file(scratch_.file(folder + "/system.qcow2"));
    files[1]["sha256"] = images::sha256_of_file(scratch_.file(folder + "/boot.profile"));
    files[1]["size"] = std::filesystem::file_size(scratch_.file(folder + "/boot.profile"));
    scratch_.write(folder + "/manifest.json", manifest.dump());
    sign_with(scratch_, key, folder + "/manifest.json");
  }
  void publish_catalogue(const std::string& key) {
    images::CatalogueRequest request;
    request.folder = scratch_.file("www");
    request.now = clock_.wall();
    scratch_.write("www/catalogue.json", images::json_of(images::plan_catalogue(request).catalogue).dump());
    sign_with(scratch_, key, "www/catalogue.json");
  }
  http::Response answer(const http::Request& request, const std::string& path) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(path);
    }
    const auto full = std::filesystem::path(scratch_.file("www/" + path));
    auto file = http::Folder(full.parent_path().string()).open(full.filename().string());
    if (!file) throw Error(absence_, "there is no " + path);
    return http::serve_file(request, std::move(*file), "application/octet-stream", "no-cache");
  }
  http::Router router() {
    http::Router router;
    router.add("GET", "/images/{name}",
               [this](const http::Request& request) { return answer(request, request.parameters.at("name")); });
    router.add("GET", "/images/{folder}/{name}", [this](const http::Request& request) {
      return answer(request, request.parameters.at("folder") + "/" + request.parameters.at("name"));
    });
    return router;
  }
  image::WebImages images() {
    image::DownloadSettings settings;
    settings.url = url_;
    settings.folder = scratch_.file("fetched");
    settings.public_key = scratch_.file("keys");
    settings.limit = Milliseconds(20'000);
    settings.rules = rules_;
    return {settings, scratch_.file("verified.json"), {}, clock_};
  }
  static domain::RescueImage fetch(ports::ImageSource& images) {
    return images.fetch([](const std::string&) {}, {});
  }
  /// The error of an action, with its causes.
  static ErrorReport report(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return report_of(error);
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }
  ErrorReport refusal() {
    auto images = this->images();
    return report([&] { (void)fetch(images); });
  }

  ScratchFolder scratch_;
  FakeClock clock_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::atomic<ErrorCode> absence_ = ErrorCode::not_found;  ///< answer for what does not exist
  images::AcceptanceRules rules_;
  http::RunningServer server_{router()};
  std::string url_ = server_.url() + "/images";
};

TEST_F(CatalogueOfImages, IsDownloadedInPart) {
  auto images = this->images();
  EXPECT_EQ(images.inspect().name, "windows-2025") << "the newest, without a wish";
  images.select({.name = "windows-2022"});
  const auto image = fetch(images);
  EXPECT_EQ(image.name, "windows-2022");
  EXPECT_EQ(image, images.inspect()) << "what was planned is what is booted";
  EXPECT_EQ(image.system_disk, scratch_.file("fetched/windows-2022/system.qcow2"));
  EXPECT_EQ(image.least_memory_mib, 2048U);
  EXPECT_EQ(read_file(image.system_disk), image_bytes);
  EXPECT_THAT(requests_, Not(Contains("windows-2025/system.qcow2")));
}

TEST_F(CatalogueOfImages, HasTheBuildOfTheInstalledWindows) {
  auto images = this->images();
  images.select({.installed_build = 20348});
  EXPECT_EQ(images.inspect().name, "windows-2022");
  images.select({.installed_build = 22000});
  EXPECT_EQ(images.inspect().name, "windows-2025");
  images.select({.installed_build = 30000});
  const auto error = report([&] { (void)images.inspect(); });
  EXPECT_EQ(error.code, ErrorCode::precondition);
  EXPECT_THAT(error.one_line(), HasSubstr("as new as the installed Windows"));
}

TEST_F(CatalogueOfImages, HasNoImageOfAnotherName) {
  auto images = this->images();
  images.select({.name = "windows-2019"});
  const auto error = error_of([&] { (void)images.inspect(); });
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_THAT(error.hint(), HasSubstr("windows-2022, windows-2025"));
}

TEST_F(CatalogueOfImages, IsRefusedWhenItWasChanged) {
  const auto text = read_file(scratch_.file("www/catalogue.json"));
  scratch_.write("www/catalogue.json", text + " ");
  EXPECT_EQ(refusal().code, ErrorCode::image_untrusted);
  EXPECT_THAT(requests_, Not(Contains(HasSubstr("manifest.json"))));
}

TEST_F(CatalogueOfImages, IsRefusedWithoutItsSignature) {
  std::filesystem::remove(scratch_.file("www/catalogue.json.minisig"));
  EXPECT_THAT(refusal().one_line(), HasSubstr("catalogue.json: has no signature"));
}

TEST_F(CatalogueOfImages, MovesToANewKeyWhileTheOldOneIsStillTrusted) {
  const auto old_id = images::PublicKey::from_file(scratch_.file("keys/image.pub")).id();
  (void)make_key(scratch_, "new");
  auto images = this->images();
  EXPECT_EQ(fetch(images).name, "windows-2025") << "signed with the old key";
  add_image("windows-2025", 26100, 8, "new");
  EXPECT_EQ(fetch(images).name, "windows-2025") << "catalogue by the old key, image by the new";
  scratch_.write("keys/revoked", old_id);
  EXPECT_THAT(refusal().one_line(), HasSubstr("signed with the key " + old_id + ", which is revoked"));
  publish_catalogue("new");
  EXPECT_EQ(fetch(images).name, "windows-2025");
}

TEST_F(CatalogueOfImages, RefusesAnOlderVersionThatIsReplayed) {
  const auto names = {"catalogue.json", "catalogue.json.minisig", "windows-2025/manifest.json",
                      "windows-2025/manifest.json.minisig"};
  std::map<std::string, std::string> before;
  for (const auto* name : names) before[name] = read_file(scratch_.file(std::string("www/") + name));
  add_image("windows-2025", 26100, 8);
  publish_catalogue("image");
  auto images = this->images();
  (void)fetch(images);
  for (const auto& [name, text] : before) scratch_.write("www/" + name, text);
  EXPECT_THAT(refusal().one_line(), HasSubstr("an older version was replayed"));
  scratch_.write("fetched/.counters.json", R"({"stable/windows-2025": 8})");  // to use a single image on purpose
  std::filesystem::rename(scratch_.file("www/windows-2025"), scratch_.file("www/single"));
  url_ += "/single";
  EXPECT_THAT(refusal().one_line(),
              HasSubstr("an older version was replayed: its counter is 7, 8 was accepted here before"));
}

TEST_F(CatalogueOfImages, CantBeHiddenFromAHostThatHasAcceptedOne) {
  auto images = this->images();
  images.select({.name = "windows-2022"});
  (void)fetch(images);
  const auto kept = read_file(scratch_.file("fetched/catalogue.json"));
  for (const auto* part : {"manifest.json", "manifest.json.minisig", "system.qcow2", "boot.profile"}) {
    std::filesystem::copy(scratch_.file(std::string("www/windows-2025/") + part), scratch_.file("www"));
  }
  std::filesystem::remove(scratch_.file("www/catalogue.json"));
  for (const auto code : {ErrorCode::not_found, ErrorCode::denied}) {
    absence_ = code;
    const auto error = report([&] { (void)fetch(images); });
    EXPECT_EQ(error.code, ErrorCode::image_untrusted);
    EXPECT_THAT(error.one_line(), HasSubstr("/catalogue.json: is missing, but this host has accepted one before"));
    EXPECT_THAT(error.hint, AllOf(HasSubstr("Publish the catalogue again"), HasSubstr("fetched/.counters.json")));
    EXPECT_EQ(read_file(scratch_.file("fetched/catalogue.json")), kept);
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("fetched/manifest.json")));
  scratch_.write("fetched/.counters.json", "{}");
  EXPECT_EQ(fetch(images).name, "windows-2025") << "the operator wants a single image from now on";
}

TEST_F(CatalogueOfImages, IsNotReplacedByASingleImageWhileTheServerIsAway) {
  auto images = this->images();
  images.select({.name = "windows-2022"});
  (void)fetch(images);
  std::filesystem::remove(scratch_.file("fetched/catalogue.json"));
  for (const auto* part : {"manifest.json", "manifest.json.minisig", "system.qcow2"}) {
    std::filesystem::copy(scratch_.file(std::string("www/windows-2025/") + part), scratch_.file("fetched"));
  }
  url_ = "http://127.0.0.1:9/images";
  EXPECT_EQ(refusal().code, ErrorCode::unavailable);
}

TEST_F(CatalogueOfImages, IsRefusedWhereItsSignatureIsDenied) {
  std::filesystem::remove(scratch_.file("www/catalogue.json.minisig"));
  absence_ = ErrorCode::denied;
  EXPECT_THAT(refusal().one_line(), HasSubstr("catalogue.json: has no signature"));
}

TEST_F(CatalogueOfImages, ExpiresByTheClockOfTheHost) {
  (void)images().inspect();
  clock_.advance(std::chrono::hours(24 * 1000));
  EXPECT_THAT(refusal().one_line(), HasSubstr("expired on 2027-11-20T00:00:00Z; this host's clock says"));
}

TEST_F(CatalogueOfImages, IsDownloadedAgainWhereAnotherVersionHadTheSameSize) {
  auto images = this->images();
  const auto image = fetch(images);
  scratch_.write("fetched/windows-2025/system.qcow2", "the content of AN image");
  EXPECT_EQ(read_file(fetch(images).system_disk), image_bytes);
  EXPECT_EQ(std::count(requests_.begin(), requests_.end(), "windows-2025/system.qcow2"), 2);
}

TEST_F(CatalogueOfImages, OfBeforeServesWhileTheServerIsAway) {
  auto images = this->images();
  images.select({.name = "windows-2022"});
  (void)fetch(images);
  url_ = "http://127.0.0.1:9/images";
  auto later = this->images();
  later.select({.name = "windows-2022"});
  EXPECT_EQ(fetch(later).name, "windows-2022");
  later.select({.name = "windows-2025"});
  EXPECT_EQ(error_of([&] { (void)later.inspect(); }).code(), ErrorCode::unavailable);
}

TEST_F(CatalogueOfImages, HasABootProfileThatIsVerified) {
  auto images = this->images();
  (void)images.inspect();
  EXPECT_EQ(images.fetch_boot_profile({}), scratch_.file("fetched/windows-2025/boot.profile"));
  std::filesystem::remove(scratch_.file("fetched/windows-2025/boot.profile"));
  scratch_.write("www/windows-2025/boot.profile", "rescue-boot-profile 1\n1\n");
  EXPECT_EQ(images.fetch_boot_profile({}), "") << "a wrong one is not used, and fails nothing";
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("fetched/windows-2025/boot.profile")));
}

TEST_F(CatalogueOfImages, OnTheHostIsChosenFromAsWell) {
  image::LocalImages images({scratch_.file("www"), scratch_.file("keys"), scratch_.file("verified.json"), rules_});
  EXPECT_EQ(fetch(images).name, "windows-2025");
  images.select({.name = "windows-2022"});
  EXPECT_EQ(fetch(images).system_disk, scratch_.file("www/windows-2022/system.qcow2"));
}

TEST_F(CatalogueOfImages, IsForTheMachineThatRescuedBuilds) {
  const auto path = "www/windows-2022/manifest.json";
  const auto good = json::parse(read_file(scratch_.file(path)));
  image::LocalImages images({scratch_.file(path), scratch_.file("keys"), scratch_.file("verified.json"), rules_});
  const struct {
    const char* field;
    json value;
    const char* message;
  } wrong[]{{"/profile/nic", "e1000e", "the NIC e1000e, but rescued has only virtio"},
            {"/profile/machine", "pc", "the machine type pc"},
            {"/profile/agent", "none", "the guest agent none"},
            {"/profile/ports/ssh", 2222, "the SSH port 2222"}};
  for (const auto& one : wrong) {
    auto manifest = good;
    manifest[json::json_pointer(one.field)] = one.value;
    scratch_.write(path, manifest.dump());
    sign_with(scratch_, "image", path);
    const auto error = error_of([&] { (void)images.inspect(); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr(one.message));
  }
}

}  // namespace
}  // namespace rescue::tests
