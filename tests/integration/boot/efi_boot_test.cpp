// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The real libefivar on a folder of variables: bytes in, bytes out.
#include "core/file.hpp"
#include "orchestrator/boot/efi_boot.hpp"
#include "orchestrator/boot/efi_recorder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace rescue::tests {
namespace {

using boot::EfiBootControl;
using ::testing::HasSubstr;

constexpr const char* global = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// Attributes at the beginning of each file of efivarfs: non-volatile, at boot and at run time.
const std::string attributes("\x07\x00\x00\x00", 4);
const std::string disk_then_network("\x01\x00\x02\x00", 4);
const std::string network_then_disk("\x02\x00\x01\x00", 4);

std::string option_of(const std::string& description, const std::string& path, const std::string& data) {
  auto option = std::string("\x01\x00\x00\x00", 4) + static_cast<char>(path.size()) + std::string(1, '\0');
  for (const char letter : description) option += std::string(1, letter) + std::string(1, '\0');
  return option + std::string(2, '\0') + path + data;
}
/// A load option: active, a description, path nodes and their end, the firmware's own data.
std::string load_option(const std::string& description, const std::string& nodes, const std::string& data = {}) {
  return option_of(description, nodes + std::string("\x7f\xff\x04\x00", 4), data);
}
std::string load_option_without_path(const std::string& description, const std::string& data) {
  return option_of(description, {}, data);
}
/// PCI(0,3)/MAC: a firmware's path for PXE.
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
    write("Boot0001", load_option("D", disk_node()));
    write("Boot0002", load_option("N", network_node()));
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

TEST_F(EfiBoot, IsRecordedWithItsEntriesAndTheStateOfSecureBoot) {
  const std::string security = "-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
  write("SecureBoot", std::string(1, '\x01'));
  // A list of two signatures of 48 bytes.
  std::string signatures(28 + 96, '\0');
  signatures[16] = static_cast<char>(signatures.size());
  signatures[24] = 48;
  write_file_atomically(folder_ + "dbx" + security, attributes + signatures, 0644);
  const auto recorded = boot::EfiRecorder(true).record();
  EXPECT_EQ(recorded.problem, "");
  std::string values;
  for (const auto& variable : recorded.variables) {
    values += variable.name + "=" + variable.value + ";";
    EXPECT_EQ(variable.sha256.size(), 64U);
  }
  EXPECT_EQ(values, "BootOrder=0001,0002;Boot0001=D;Boot0002=N;SecureBoot=on;dbx=2 signatures, 124 bytes;");
  EXPECT_TRUE(boot::EfiRecorder(false).record().variables.empty());
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

TEST_F(EfiBoot, KnowsTheNetworkAlsoWhereTheVendorKeepsThePathToItself) {
  const std::string vendor_hardware("\x01\x04\x14\x00"
                                    "0123456789abcdef",
                                    20);
  const std::string vendor_message("\x03\x0a\x14\x00"
                                   "0123456789abcdef",
                                   20);
  const std::string bbs_network("\x05\x01\x09\x00\x06\x00\x00\x00\x00", 9);
  const std::string bbs_disk("\x05\x01\x09\x00\x02\x00\x00\x00\x00", 9);
  const std::string file("\x04\x04\x08\x00"
                         "a\0\0\0",
                         8);
  const std::string dns("\x03\x1f\x05\x00\x00", 5);
  for (const auto& [option, network] : std::initializer_list<std::pair<std::string, bool>>{
           {load_option("Network", vendor_hardware), true},
           {load_option("PCI LAN", vendor_message), true},
           {load_option("IPV4 PXE", disk_node()), true},
           {load_option("Onboard NIC", ""), true},
           {load_option("?", bbs_network), true},
           {load_option("?", dns), true},
           {load_option("Boot", "", "RC"), true},
           {load_option_without_path("Boot", "RC"), true},
           {load_option("Diskette Drive", vendor_hardware), false},
           {load_option("Plan of Unicode", vendor_hardware), false},
           {load_option("Network", bbs_disk), false},
           {load_option("Linux of the PXE server", file), false},
           {load_option("Windows Boot Manager", disk_node() + file, "RC"), false},
           {load_option("Setup", ""), false}}) {
    write("Boot0003", option);
    write("BootNext", std::string("\x03\x00", 2));
    EXPECT_EQ(efi_.mode(), network ? "0003 next, from the network" : "0003 next") << option;
    EXPECT_EQ(efi_.restore_disk(efi_.snapshot(), {}), network ? "efi: BootNext 0003 -> none" : "") << option;
    EXPECT_EQ(read("BootNext").has_value(), !network);
  }
}

TEST_F(EfiBoot, BearsAnEntryThatIsBroken) {
  write("BootNext", std::string("\x03\x00", 2));
  const auto whole = load_option("Network", network_node());
  for (std::size_t size = 0; size < whole.size() - 4; ++size) {
    write("Boot0003", whole.substr(0, size));
    EXPECT_EQ(efi_.mode(), "0003 next") << size;
  }
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
