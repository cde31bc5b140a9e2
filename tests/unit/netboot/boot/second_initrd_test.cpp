// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "netboot/boot/cpio_archive.hpp"
#include "netboot/boot/rescue_boot.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace rescue::netboot {
namespace {

/// Unpacks with cpio, another reader of the format than the kernel.
class SecondInitrd : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "second-initrd-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void unpack(const std::string& archive) const {
    Command command;
    command.argv = {"cpio", "--extract", "--quiet", "--no-absolute-filenames", "--directory", folder_};
    command.input = archive;
    const auto done = run(command);
    ASSERT_EQ(done.status, 0) << done.err;
  }
  [[nodiscard]] mode_t mode_of(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat((folder_ + "/" + name).c_str(), &status), 0) << name;
    return status.st_mode & 07777U;
  }
  static BootToken token() { return {ServerName::parse("web-01"), Secret("rescue_token")}; }

  std::string folder_;
};

TEST_F(SecondInitrd, TellsTheRescueSystemWhereNetbootdIs) {
  unpack(rescue_boot_archive({"http://198.51.100.1:8470", "http://192.0.2.10", ""}, token(), ""));
  const auto told = nlohmann::json::parse(read_file(folder_ + "/rescue-boot/control-plane.json"));
  EXPECT_EQ(told, nlohmann::json({{"url", "http://198.51.100.1:8470"},
                                  {"boot_url", "http://192.0.2.10"},
                                  {"server", "web-01"},
                                  {"boot_token", "rescue_token"}}));
  EXPECT_EQ(mode_of("rescue-boot"), 0700U);
  EXPECT_EQ(mode_of("rescue-boot/control-plane.json"), 0600U);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/rescue-boot/ca.pem"));
}

TEST_F(SecondInitrd, BringsTheCertificateAuthority) {
  unpack(rescue_boot_archive({"https://control.example", "http://192.0.2.10", ""}, token(),
                             "-----BEGIN CERTIFICATE-----\n"));
  EXPECT_EQ(read_file(folder_ + "/rescue-boot/ca.pem"), "-----BEGIN CERTIFICATE-----\n");
}

TEST_F(SecondInitrd, IsReadWhateverTheLengthsAre) {
  CpioArchive archive;
  for (std::size_t length = 0; length < 9; ++length) {
    archive.add_file("f" + std::string(length, 'x'), 0600, std::string(length, 'y'));
  }
  const auto bytes = std::move(archive).finish();
  EXPECT_EQ(bytes.size() % 4, 0U) << "another initrd may follow";
  unpack(bytes);
  for (std::size_t length = 0; length < 9; ++length) {
    EXPECT_EQ(read_file(folder_ + "/f" + std::string(length, 'x')), std::string(length, 'y'));
  }
}

}  // namespace
}  // namespace rescue::netboot
