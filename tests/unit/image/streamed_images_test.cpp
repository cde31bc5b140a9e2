// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A signed image that is streamed: by the real rescue-export and nbdkit to an overlay of the real qemu-img.
#include "core/back_off.hpp"
#include "core/file.hpp"
#include "core/http/served_file.hpp"
#include "core/subprocess.hpp"
#include "core/unix_socket.hpp"
#include "images/chunks.hpp"
#include "orchestrator/image/streamed_images.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/http/running_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <mutex>
#include <random>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

void must_run(std::vector<std::string> arguments, const std::string& input = {}) {
  run_checked({.argv = std::move(arguments), .input = input, .environment = {}});
}

class StreamedImage : public ::testing::Test {
protected:
  StreamedImage() {
    make_folder(scratch_.file("www"), 0755);
    std::mt19937 random(7);  // NOLINT: the same each time
    std::string content(3'000'000, '\0');
    for (auto& byte : content) byte = static_cast<char>(random());
    content.resize(std::size_t{4} << 20U);
    scratch_.write("content.raw", content);
    must_run({"minisign", "-G", "-W", "-f", "-p", scratch_.file("image.pub"), "-s", scratch_.file("image.key")},
             "\n\n");
  }
  void SetUp() override {
#ifdef RESCUE_SANITIZED
    GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
    if (run({.argv = {"sh", "-c", "command -v qemu-img qemu-io"}, .input = {}, .environment = {}}).status != 0) {
      GTEST_SKIP() << "qemu-img is not installed (qemu-utils)";
    }
    const auto image = scratch_.file("www/system.qcow2");
    must_run({"qemu-img", "convert", "-f", "raw", "-O", "qcow2", scratch_.file("content.raw"), image});
    const auto digests = images::ChunkDigests::of_file(image).content();
    scratch_.write("www/system.qcow2.chunks", digests);
    publish(
        fmt::format(R"(, "chunks": {{"name": "system.qcow2.chunks", "sha256": "{}"}})", images::sha256_of(digests)));
  }
  void TearDown() override { exporter().stop(); }

  void publish(const std::string& chunks) const {
    const auto image = scratch_.file("www/system.qcow2");
    scratch_.write("www/manifest.json",
                   fmt::format(R"({{"format": 1, "name": "test", "version": "1",
 "profile": {{"os": "standin", "firmware": "uefi", "disk_bus": "virtio-scsi"}},
 "files": [{{"name": "system.qcow2", "role": "system-disk", "format": "qcow2", "size": {}, "sha256": "{}"{}}}]}})",
                               std::filesystem::file_size(image), images::sha256_of_file(image), chunks));
    must_run({"minisign", "-S", "-s", scratch_.file("image.key"), "-m", scratch_.file("www/manifest.json")}, "\n");
  }
  http::Router router() {
    http::Router router;
    router.add("GET", "/images/{name}", [this](const http::Request& request) {
      const auto name = request.parameters.at("name");
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(name + " " + request.header("range"));
      }
      auto file = http::Folder(scratch_.file("www")).open(name);
      if (!file) throw Error(ErrorCode::not_found, "there is no " + name);
      return http::serve_file(request, std::move(*file), "application/octet-stream", "no-cache");
    });
    return router;
  }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] image::ExportOptions export_options() const { return {RESCUE_EXPORT, scratch_.file("export"), {}}; }
  [[nodiscard]] image::ImageExport exporter() { return {export_options(), clock_}; }
  [[nodiscard]] std::unique_ptr<image::StreamedImages> images() {
    image::StreamOptions options;
    options.cache_folder = scratch_.file("cache");
    options.bytes_per_second = bytes_per_second_;
    return std::make_unique<image::StreamedImages>(
        image::DownloadSettings{server_.url() + "/images", scratch_.file("fetched"), scratch_.file("image.pub")},
        scratch_.file("verified.json"), http::ClientOptions{}, options, export_options(), clock_,
        [](const std::string&) { return 100'000U; });
  }
  static domain::RescueImage fetch(image::StreamedImages& images) {
    return images.fetch([](const std::string&) {}, {});
  }
  [[nodiscard]] std::string pid() const { return read_file(scratch_.file("export/nbd.sock.lock")); }
  void expect_right(const std::string& overlay) const {
    must_run({"qemu-img", "compare", "-f", "raw", "-F", "qcow2", scratch_.file("content.raw"), overlay});
  }

  ScratchFolder scratch_;
  SystemClock clock_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::uint64_t bytes_per_second_ = 0;
  http::RunningServer server_{router()};
};

TEST_F(StreamedImage, BacksTheOverlayAndIsNeverDownloaded) {
  const auto images = this->images();
  const auto image = fetch(*images);
  EXPECT_EQ(image, images->inspect());
  EXPECT_EQ(image.system_disk, exporter().uri());
  EXPECT_EQ(image.memory_mib, 4U);  // the cache of the whole file
  images->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  expect_right(scratch_.file("guest/overlay.qcow2"));
  EXPECT_FALSE(std::filesystem::exists(scratch_.file("fetched/system.qcow2")));
  EXPECT_THAT(requests(), ::testing::Not(::testing::Contains("system.qcow2 ")));
  const auto status = images->status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, stream::State::serving);
}

TEST_F(StreamedImage, IsAdoptedByTheNextRescued) {
  auto first = images();
  const auto image = fetch(*first);
  first->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  const auto process = pid();
  first.reset();
  const auto second = images();
  EXPECT_EQ(fetch(*second), image);
  EXPECT_EQ(pid(), process);
  expect_right(scratch_.file("guest/overlay.qcow2"));
}

TEST_F(StreamedImage, IsServedAgainWhenItsExporterHasDied) {
  const auto images = this->images();
  EXPECT_EQ(images->keep_available(), "") << "nothing is exported yet";
  EXPECT_FALSE(exporter().runs());
  const auto image = fetch(*images);
  images->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  // A client that is connected and silent, as QEMU of a paused guest is.
  const FileDescriptor idle(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(connect_unix(idle, scratch_.file("export/nbd.sock")), 0);
  char greeting = 0;
  ASSERT_EQ(::read(idle.get(), &greeting, 1), 1);
  const auto process = std::stoi(pid());
  ASSERT_EQ(::kill(process, SIGKILL), 0);
  ASSERT_TRUE(poll_until(clock_, Milliseconds(5'000), Milliseconds(10), [this] { return !exporter().runs(); }));
  EXPECT_EQ(images->keep_available(), "");
  EXPECT_TRUE(exporter().runs());
  EXPECT_NE(std::stoi(pid()), process);
  expect_right(scratch_.file("guest/overlay.qcow2"));
  images->discard_overlay(scratch_.file("guest/overlay.qcow2"));
  images->release();
  EXPECT_EQ(images->keep_available(), "");
  EXPECT_FALSE(exporter().runs()) << "it was ended on purpose";
}

TEST_F(StreamedImage, DoesNotTrustTheReportOfAnExporterThatHasEnded) {
  const auto images = this->images();
  (void)fetch(*images);
  ASSERT_TRUE(poll_until(clock_, Milliseconds(5'000), Milliseconds(10), [&] { return images->status().has_value(); }));
  ASSERT_EQ(images->keep_available(), "");
  // nbdkit is killed and can't start again without the digests.
  std::filesystem::remove_all(scratch_.file("fetched"));
  ASSERT_EQ(::kill(images->status().value().pid, SIGKILL), 0);
  const auto ended = [&] { return images->keep_available() == "its exporter has ended and starts again"; };
  EXPECT_TRUE(poll_until(clock_, Milliseconds(5'000), Milliseconds(10), ended));
}

TEST_F(StreamedImage, SaysWhatItsReadsWaitFor) {
  bytes_per_second_ = 500'000;  // it is not complete before its mirror is gone
  const auto images = this->images();
  const auto image = fetch(*images);
  images->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  scratch_.write("www/system.qcow2", "");  // no mirror has the rest any more
  const auto waits = [&] { return !images->keep_available().empty(); };
  (void)run({.argv = {"timeout", "2", "qemu-img", "compare", "-f", "raw", "-F", "qcow2", scratch_.file("content.raw"),
                      scratch_.file("guest/overlay.qcow2")},
             .input = {},
             .environment = {}});
  EXPECT_TRUE(poll_until(clock_, Milliseconds(10'000), Milliseconds(50), waits));
  EXPECT_THAT(images->keep_available(), HasSubstr("/images/system.qcow2"));
}

TEST_F(StreamedImage, IsExportedAnewWithOtherSettings) {
  (void)fetch(*images());
  const auto process = pid();
  bytes_per_second_ = 1'000'000'000;
  (void)fetch(*images());
  EXPECT_NE(pid(), process);
  EXPECT_TRUE(exporter().runs());
}

TEST_F(StreamedImage, IsNoLongerExportedAfterItsRelease) {
  const auto images = this->images();
  const auto image = fetch(*images);
  images->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  for (int count = 0; count < 2; ++count) {
    images->discard_overlay(scratch_.file("guest/overlay.qcow2"));
    images->release();
    EXPECT_FALSE(exporter().runs());
    EXPECT_FALSE(std::filesystem::exists(scratch_.file("export/nbd.sock")));
    EXPECT_FALSE(std::filesystem::exists(scratch_.file("cache/chunks")));
  }
}

TEST_F(StreamedImage, IsDownloadedWhereItHasNoDigests) {
  publish("");
  const auto images = this->images();
  const auto image = fetch(*images);
  EXPECT_EQ(image.system_disk, scratch_.file("fetched/system.qcow2"));
  EXPECT_FALSE(exporter().runs());
  images->create_overlay(image, scratch_.file("guest/overlay.qcow2"));
  expect_right(scratch_.file("guest/overlay.qcow2"));
}

TEST_F(StreamedImage, IsRefusedWithTamperedDigests) {
  auto digests = read_file(scratch_.file("www/system.qcow2.chunks"));
  digests.back() = static_cast<char>(digests.back() ^ 1);
  scratch_.write("www/system.qcow2.chunks", digests);
  const auto error = error_of([&] { (void)fetch(*images()); });
  EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
  EXPECT_THAT(error.what(), HasSubstr("system.qcow2.chunks: its SHA-256 is"));
  EXPECT_FALSE(exporter().runs());
}

TEST_F(StreamedImage, IsRefusedWithTheDigestsOfAnotherFile) {
  const auto digests = images::ChunkDigests::of_file(scratch_.file("content.raw")).content();
  scratch_.write("www/system.qcow2.chunks", digests);
  publish(fmt::format(R"(, "chunks": {{"name": "system.qcow2.chunks", "sha256": "{}"}})", images::sha256_of(digests)));
  const auto error = error_of([&] { (void)fetch(*images()); });
  EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
  EXPECT_THAT(error.what(), HasSubstr("is for a file of 4194304 bytes, but the image has"));
}

TEST_F(StreamedImage, SaysWhyItIsNotExported) {
  make_folder(scratch_.file("cache/chunks"), 0755);  // a folder in the place of the cache
  const auto error = error_of([&] { (void)fetch(*images()); });
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.what(), HasSubstr("cannot open the cache"));
}

}  // namespace
}  // namespace rescue::tests
