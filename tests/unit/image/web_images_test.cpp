// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Images signed by the real minisign, from a web server that stalls, disconnects, sends wrong data, or is down.
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/image/web_images.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/http/running_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <charconv>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t image_size = 300'000;

std::string content() {
  std::string bytes;
  for (std::size_t at = 0; at < image_size; ++at) bytes.push_back(static_cast<char>('a' + at % 23));
  return bytes;
}

class WebImage : public ::testing::Test {
protected:
  WebImage() {
    scratch_.write("system.qcow2", content());
    minisign({"-G", "-W", "-f", "-p", scratch_.file("image.pub"), "-s", scratch_.file("image.key")});
    publish(images::sha256_of_file(scratch_.file("system.qcow2")));
  }
  static void minisign(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "minisign");
    Command command;
    command.argv = std::move(arguments);
    command.input = "\n\n";
    run_checked(command);
  }
  void publish(const std::string& digest) {
    scratch_.write("manifest.json", fmt::format(R"({{"format": 1, "name": "test", "version": "1",
 "profile": {{"os": "standin", "firmware": "uefi", "disk_bus": "virtio-scsi"}},
 "files": [{{"name": "system.qcow2", "role": "system-disk", "format": "qcow2", "size": {}, "sha256": "{}"}}]}})",
                                                image_size, digest));
    minisign({"-S", "-s", scratch_.file("image.key"), "-m", scratch_.file("manifest.json")});
    const std::lock_guard lock(mutex_);
    for (const auto* name : {"manifest.json", "manifest.json.minisig", "system.qcow2"}) {
      files_[name] = read_file(scratch_.file(name));
    }
  }

  /// Serves ranges of the form "bytes=N-", as nginx does.
  http::Response answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto name = request.parameters.at("name");
    requests_.push_back(name + " " + request.header("range"));
    http::Response response;
    response.content_type = "application/octet-stream";
    if (name == "system.qcow2" && !troubles_.empty()) {
      const auto trouble = troubles_.front();
      troubles_.pop_front();
      response.status = trouble.status;
      response.body = files_.at(name).substr(0, trouble.bytes);
      return response;
    }
    if (!files_.contains(name)) {
      response.status = 404;
      return response;
    }
    response.body = files_.at(name);
    std::size_t from = 0;
    const auto range = request.header("range");
    constexpr std::string_view prefix = "bytes=";
    if (ranges_ && range.starts_with(prefix)) {
      std::from_chars(range.data() + prefix.size(), range.data() + range.size(), from);
      response.status = 206;
      response.body.erase(0, from);
    }
    return response;
  }
  http::Router router() {
    http::Router router;
    router.add("GET", "/images/test/{name}", [this](const http::Request& request) { return answer(request); });
    return router;
  }
  image::WebImages images(Milliseconds limit = Milliseconds(60'000)) {
    const image::DownloadSettings settings{url_, folder(), scratch_.file("image.pub"), limit};
    return {settings, scratch_.file("verified.json"), {}, clock_};
  }
  domain::RescueImage fetch(image::WebImages& images) {
    return images.fetch([this](const std::string& what) { progress_.push_back(what); }, {});
  }
  [[nodiscard]] std::string folder() const { return scratch_.file("fetched"); }
  void seed_partial(std::size_t bytes) const {
    make_folder(folder(), 0755);
    scratch_.write("fetched/system.qcow2.part", content().substr(0, bytes));
  }

  struct Trouble {
    unsigned status = 200;
    std::size_t bytes = 0;
  };
  ScratchFolder scratch_;
  FakeClock clock_;
  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::deque<Trouble> troubles_;
  std::vector<std::string> requests_;
  std::vector<std::string> progress_;
  bool ranges_ = true;
  http::RunningServer server_{router()};
  std::string url_ = server_.url() + "/images/test/";
};

TEST_F(WebImage, IsDownloadedVerifiedAndKept) {
  auto images = this->images();
  EXPECT_EQ(images.inspect().name, "test");
  const auto image = fetch(images);
  EXPECT_EQ(image, images.inspect()) << "what was planned is what is booted";
  EXPECT_EQ(read_file(image.system_disk), content());
  EXPECT_FALSE(std::filesystem::exists(image.system_disk + ".part"));
  const auto downloads = std::count(requests_.begin(), requests_.end(), "system.qcow2 ");
  (void)fetch(images);
  EXPECT_EQ(std::count(requests_.begin(), requests_.end(), "system.qcow2 "), downloads) << "a second time from here";
  EXPECT_THAT(progress_, ::testing::Contains(HasSubstr("the image from http://127.0.0.1")));
}

TEST_F(WebImage, AsksForNothingThatIsNotSigned) {
  {
    const std::lock_guard lock(mutex_);
    files_["manifest.json"] += " ";
  }
  auto images = this->images();
  EXPECT_EQ(error_of([&] { (void)fetch(images); }).code(), ErrorCode::image_untrusted);
  EXPECT_THAT(requests_, ::testing::Not(::testing::Contains(HasSubstr("system.qcow2"))));
}

TEST_F(WebImage, IsDiscardedWhenItsDigestIsWrong) {
  publish(std::string(64, '0'));
  auto images = this->images();
  EXPECT_EQ(error_of([&] { (void)fetch(images); }).code(), ErrorCode::image_untrusted);
  EXPECT_FALSE(std::filesystem::exists(folder() + "/system.qcow2"));
  publish(images::sha256_of_file(scratch_.file("system.qcow2")));
  EXPECT_EQ(fetch(images).name, "test");
}

TEST_F(WebImage, GoesOnWhereItBrokeOff) {
  troubles_ = {{200, 100'000}, {503, 0}};
  auto images = this->images();
  EXPECT_EQ(read_file(fetch(images).system_disk), content());
  EXPECT_THAT(requests_, ::testing::Contains("system.qcow2 bytes=100000-").Times(2));
}

TEST_F(WebImage, GoesOnAfterARestart) {
  seed_partial(200'000);
  auto images = this->images();
  EXPECT_EQ(read_file(fetch(images).system_disk), content());
  EXPECT_THAT(requests_, ::testing::Contains("system.qcow2 bytes=200000-"));
}

TEST_F(WebImage, BeginsAgainWhereTheServerKnowsNoRanges) {
  ranges_ = false;
  seed_partial(200'000);
  auto images = this->images();
  EXPECT_EQ(read_file(fetch(images).system_disk), content());
}

TEST_F(WebImage, GivesUpAtItsDeadline) {
  for (int i = 0; i < 100; ++i) troubles_.push_back({503, 0});
  auto images = this->images(Milliseconds(20'000));
  const auto error = error_of([&] { (void)fetch(images); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.hint(), HasSubstr("deadlines.image_fetch"));
  EXPECT_THAT(progress_, ::testing::Contains("the image server to answer again"));
}

TEST_F(WebImage, DoesNotAskAgainForWhatDoesNotExist) {
  troubles_ = {{404, 0}};
  auto images = this->images();
  EXPECT_EQ(error_of([&] { (void)fetch(images); }).code(), ErrorCode::not_found);
}

TEST_F(WebImage, TakesNoMoreThanItsManifestSays) {
  {
    const std::lock_guard lock(mutex_);
    files_["system.qcow2"] += "more";
  }
  auto images = this->images();
  EXPECT_EQ(error_of([&] { (void)fetch(images); }).code(), ErrorCode::image_untrusted);
}

TEST_F(WebImage, SaysWhichServerIsAway) {
  url_ = "http://127.0.0.1:9/images";
  auto images = this->images();
  const auto error = error_of([&] { (void)images.inspect(); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("http://127.0.0.1:9/images"));
  EXPECT_THAT(error.hint(), HasSubstr("image.url"));
}

TEST_F(WebImage, OfBeforeServesWhileTheServerIsAway) {
  auto images = this->images();
  (void)fetch(images);
  url_ = "http://127.0.0.1:9/images";
  auto later = this->images();
  EXPECT_EQ(fetch(later).name, "test");
}

TEST_F(WebImage, StopsOnRequest) {
  for (int i = 0; i < 100; ++i) troubles_.push_back({503, 0});
  auto images = this->images();
  std::stop_source stop;
  const auto error = error_of([&] {
    (void)images.fetch(
        [&](const std::string& what) {
          if (what == "the image server to answer again") stop.request_stop();
        },
        stop.get_token());
  });
  EXPECT_EQ(error.code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace rescue::tests
