// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests the program with a real qemu-nbd, on a qcow2 overlay over an image.
#include "core/file.hpp"
#include "core/text.hpp"
#include "disk_on_file.hpp"
#include "orchestrator/domain/disk_identity.hpp"
#include "orchestrator/identity/program_disk_identities.hpp"
#include "orchestrator/identity/renewal.hpp"
#include "tests/doubles/thrown.hpp"
#include "windows_image.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::identity {
namespace {

using ::testing::HasSubstr;

/// All bytes of a file, which may be larger than a text.
std::string bytes_of(const std::string& path) {
  const DiskOnFile file(path);
  return file.at(0, file.bytes().size());
}

class Overlay : public ::testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "mkntfs, wimlib, qemu-img, sgdisk or mtools is not installed";
  }
  /// The image in its format; an overlay over it.
  std::string overlay_of(const std::string& raw, const std::string& format = "raw") {
    image_ = raw;
    if (format != "raw") {
      image_ = files_.file("image." + format);
      output_of({"qemu-img", "convert", "-c", "-O", format, raw, image_});
    }
    const auto path = files_.file("overlay.qcow2");
    output_of({"qemu-img", "create", "-q", "-f", "qcow2", "-F", format, "-b", image_, path});
    return path;
  }
  [[nodiscard]] std::string flat(const std::string& overlay) const {
    const auto path = files_.file("flat.raw");
    output_of({"qemu-img", "convert", "-O", "raw", overlay, path});
    return path;
  }
  tests::ScratchFolder files_;
  std::string image_;
  ProgramDiskIdentities identities_{RESCUE_IDENTITY};
};

TEST_F(Overlay, GetsANewIdentityAndItsImageKeepsItsOwn) {
  WindowsImage windows;
  const auto raw = windows.make();
  const auto old = identity_of(DiskOnFile(raw).bytes());
  for (const char* format : {"raw", "qcow2"}) {
    SCOPED_TRACE(format);
    const auto overlay = overlay_of(raw, format);
    const auto bytes_of_image = bytes_of(image_);
    EXPECT_EQ(identities_.show(overlay), old);
    const auto renewed = identities_.renew(overlay, numbers_of(old));
    EXPECT_EQ(renewed.kept_because, "");
    EXPECT_EQ(shared_ids(old, renewed.identity) + shared_serials(old, renewed.identity), "");
    EXPECT_EQ(identities_.show(overlay), renewed.identity);
    EXPECT_TRUE(bytes_of(image_) == bytes_of_image);
    EXPECT_THAT(output_of({"qemu-img", "check", overlay}), HasSubstr("No errors"));
    const auto facts = windows_disk::inspected(flat(overlay));
    EXPECT_EQ(facts.id, renewed.identity.id);
    EXPECT_EQ(facts.boot.at(0).entries.at(0).device.partition_id, renewed.identity.partitions.at(1).id);
    EXPECT_LT(std::filesystem::file_size(overlay), 4 * mebibyte) << "only what is changed is in it";
  }
}

TEST_F(Overlay, OfAnImageThatCantBeChangedIsNotWritten) {
  WindowsImage windows;
  windows.content.dirty_hives = {"SYSTEM"};
  const auto raw = windows.make();
  const auto overlay = overlay_of(raw);
  const auto renewed = identities_.renew(overlay, {});
  EXPECT_THAT(renewed.kept_because, HasSubstr("not written completely"));
  EXPECT_EQ(renewed.identity, identity_of(DiskOnFile(raw).bytes()));
  EXPECT_TRUE(bytes_of(flat(overlay)) == bytes_of(raw));
}

TEST_F(Overlay, ThatIsNotThereOrIsNoneIsAnErrorAtOnce) {
  EXPECT_THAT(tests::error_of([&] { (void)identities_.show(files_.file("nothing")); }).what(),
              HasSubstr("qemu-nbd can't open"));
  const auto text = files_.write("text", "not a qcow2 file");
  EXPECT_THAT(tests::error_of([&] { (void)identities_.renew(text, {}); }).what(), HasSubstr("qemu-nbd can't open"));
  EXPECT_EQ(read_file(text), "not a qcow2 file");
  for (const auto& entry : std::filesystem::directory_iterator("/tmp")) {
    EXPECT_THAT(entry.path().string(), ::testing::Not(HasSubstr("rescue-identity."))) << "its socket is left";
  }
}

TEST_F(Overlay, IsNoneThatAnotherProgramHasOpen) {
  WindowsImage windows;
  const auto overlay = overlay_of(windows.make());
  const auto socket = files_.file("socket");
  const auto pid_file = files_.file("pid");
  output_of(
      {"qemu-nbd", "--fork", "--persistent", "--socket", socket, "--pid-file", pid_file, "--format=qcow2", overlay});
  EXPECT_THAT(tests::error_of([&] { (void)identities_.renew(overlay, {}); }).what(), HasSubstr("qemu-nbd can't open"));
  output_of({"kill", trimmed(read_file(pid_file))});
}

TEST_F(Overlay, AnswersOfTheProgramAreTrustedAsLittleAsTheDisk) {
  const auto answer = [&](const std::string& script) {
    const auto program = files_.write("program", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return std::string(tests::error_of([&] {
                         (void)ProgramDiskIdentities(program, Milliseconds(200), Milliseconds(200)).show("x");
                       }).what());
  };
  EXPECT_THAT(answer("echo no luck >&2; exit 1"), HasSubstr("no luck"));
  EXPECT_THAT(answer("kill -SEGV $$"), HasSubstr("signal 11"));
  EXPECT_THAT(answer("exec sleep 60"), HasSubstr("took longer"));
  EXPECT_THAT(answer("echo '{}'"), HasSubstr("malformed"));
  EXPECT_THAT(answer("echo '{\"table\": \"gpt\", \"id\": \"x y\", \"partitions\": []}'"), HasSubstr("no number"));
}

}  // namespace
}  // namespace rescue::identity
