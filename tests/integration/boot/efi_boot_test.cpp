// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The real libefivar on a folder of variables: bytes in, bytes out.
#include "core/file.hpp"
#include "orchestrator/boot/efi_boot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace rescue::tests {
namespace {

using boot::EfiBootControl;
using ::testing::HasSubstr;

constexpr const char* global = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// Non-volatile, at boot and at run time: how efivarfs begins each file.
const std::string attributes("\x07\x00\x00\x00", 4);
const std::string disk_then_network("\x01\x00\x02\x00", 4);
const std::string network_then_disk("\x02\x00\x01\x00", 4);

/// A load option: active, a description of one letter, one path node and its end.
std::string load_option(char description, const std::string& node) {
  const std::string end("\x7f\xff\x04\x00", 4);
  const auto path = node + end;
  return std::string("\x01\x00\x00\x00", 4) + static_cast<char>(path.size()) + std::string(1, '\0') + description +
         std::string(3, '\0') + path;
}
/// PCI(0,3)/MAC: what a firmware makes of PXE.
std::string network_node() {
  return std::string("\x01\x01\x06\x00\x00\x03", 6) + std::string("\x03\x0b\x25\x00", 4) +
         std::string("\x52\x54\x00\x12\x34\x56", 6) + std::string(26, '\0') + std::string(1, '\0');
}
std::string disk_node() { return std::string("\x01\x01\x06\x00\x00\x02", 6); }

class EfiBoot : public ::testing::Test {
protected:
  void SetUp() override {
    for (const auto& file : std::filesystem::directory_iterator(folder_)) std::filesystem::remove(file);
    write("BootOrder", disk_then_network);
    write("Boot0001", load_option('D', disk_node()));
    write("Boot0002", load_option('N', network_node()));
    ASSERT_TRUE(EfiBootControl::available());
  }
  void write(const std::string& name, const std::string& content) const {
    write_file_atomically(folder_ + name + global, attributes + content, 0644);
  }
  [[nodiscard]] std::optional<std::string> read(const std::string& name) const {
    return read_file_if_exists(folder_ + name + global);
  }

  std::string folder_ = std::getenv("EFIVARFS_PATH");
  EfiBootControl efi_;
};

TEST_F(EfiBoot, ChangesNothingWhereNothingChanged) {
  const auto snapshot = efi_.snapshot();
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "");
  EXPECT_EQ(read("BootOrder"), attributes + disk_then_network);
  EXPECT_FALSE(read("BootNext"));
  EXPECT_EQ(efi_.mode(), "boot order 0001,0002");
}

TEST_F(EfiBoot, SetsTheOrderBackByteForByte) {
  const auto snapshot = efi_.snapshot();
  write("BootOrder", network_then_disk);
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "efi: BootOrder 0002,0001 -> 0001,0002");
  EXPECT_EQ(read("BootOrder"), attributes + disk_then_network);
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "") << "again changes nothing";
}

TEST_F(EfiBoot, RemovesANextBootFromTheNetwork) {
  write("BootNext", std::string("\x02\x00", 2));
  EXPECT_EQ(efi_.mode(), "0002 next, from the network");
  const auto snapshot = efi_.snapshot();
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "efi: BootNext 0002 -> none");
  EXPECT_FALSE(read("BootNext"));
}

TEST_F(EfiBoot, RemovesItAlsoByHandWithoutASession) {
  write("BootNext", std::string("\x02\x00", 2));
  EXPECT_THAT(efi_.restore_disk("", {}), HasSubstr("BootNext 0002 -> none"));
  EXPECT_FALSE(read("BootNext"));
  EXPECT_EQ(read("BootOrder"), attributes + disk_then_network);
}

TEST_F(EfiBoot, SetsANextBootFromTheDiskBack) {
  write("BootNext", std::string("\x01\x00", 2));
  const auto snapshot = efi_.snapshot();
  std::filesystem::remove(folder_ + "BootNext" + global);
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "efi: BootNext none -> 0001");
  EXPECT_EQ(read("BootNext"), attributes + std::string("\x01\x00", 2));
}

TEST_F(EfiBoot, RemovesWhatSomebodySetInMidSession) {
  const auto snapshot = efi_.snapshot();
  write("BootNext", std::string("\x01\x00", 2));
  EXPECT_EQ(efi_.restore_disk(snapshot, {}), "efi: BootNext 0001 -> none");
}

TEST_F(EfiBoot, BearsANextBootThatHasNoEntry) {
  write("BootNext", std::string("\x09\x00", 2));
  EXPECT_EQ(efi_.mode(), "0009 next");
  EXPECT_EQ(efi_.restore_disk(efi_.snapshot(), {}), "");
}

}  // namespace
}  // namespace rescue::tests
