// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "inspected_image.hpp"
#include "orchestrator/windows/boot_files.hpp"
#include "tests/unit/prepared/hive_builder.hpp"

#include <gmock/gmock.h>

#include <map>

namespace rescue::windows_disk {
namespace {

using domain::BootStore;
using tests::Binary;
using tests::RegistryValue;

const std::string manager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
const std::string server = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
const std::string other = "{a2721d73-1db4-4c62-bf78-c548a880142d}";

std::string bytes_in(const std::string& spaced) {
  std::string bytes;
  for (std::size_t at = 0; at < spaced.size(); at += 3) {
    bytes += static_cast<char>(std::stoi(spaced.substr(at, 2), nullptr, 16));
  }
  return bytes;
}

/// Values that bcdedit writes for a partition: of a GPT, and of an MBR.
std::string gpt_device() {
  std::string bytes(0x58, '\0');
  bytes[0x10] = 6;
  bytes[0x18] = 0x48;
  bytes.replace(0x20, 16, bytes_in("11 11 11 11 22 22 33 33 44 44 55 55 55 55 55 55"));
  bytes.replace(0x38, 16, bytes_in("af 3d c6 0f 83 84 72 47 8e 79 3d 69 d8 47 7d e4"));
  return bytes;
}
std::string mbr_device() {
  std::string bytes(0x58, '\0');
  bytes[0x10] = 6;
  bytes[0x18] = 0x48;
  bytes[0x22] = 0x10;  // 1 MiB
  bytes[0x34] = 1;
  bytes.replace(0x38, 4, bytes_in("4d 3c 2b 1a"));
  return bytes;
}

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

RegistryValue element(const std::string& object, const std::string& type,
                      std::variant<std::uint32_t, std::string, Binary> data) {
  return {"BCD", "Objects\\" + object + "\\Elements\\" + type, "Element", std::move(data)};
}

/// A boot configuration with two Windows, of which the second in the list is the default.
std::vector<RegistryValue> two_windows() {
  return {{"BCD", "Objects\\" + manager + "\\Description", "Type", 0x10100002U},
          element(manager, "23000003", server),
          {"BCD", "Objects\\" + other + "\\Description", "Type", 0x10200003U},
          element(other, "12000004", std::string("Old Windows")),
          {"BCD", "Objects\\" + server + "\\Description", "Type", 0x10200003U},
          element(server, "12000004", std::string("Windows Server")),
          element(server, "12000002", std::string("\\Windows\\system32\\winload.efi")),
          element(server, "22000002", std::string("\\Windows")),
          element(server, "11000001", Binary{gpt_device()}),
          element(server, "21000001", Binary{gpt_device()})};
}

class BootFiles : public ::testing::Test {
protected:
  [[nodiscard]] std::string store(const std::vector<RegistryValue>& values) const {
    tests::write_hive(folder_.file("BCD"), "BCD", values);
    return read_file(folder_.file("BCD"));
  }
  [[nodiscard]] domain::BootFiles read(bool uefi = true) {
    const tests::ScratchFolder scratch;
    const auto reader = [this](const std::string& path, std::uint64_t most) -> std::optional<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end() || found->second.size() > most) return std::nullopt;
      return found->second;
    };
    auto files = boot_files(1, uefi, reader, scratch.file(""));
    EXPECT_TRUE(std::filesystem::is_empty(scratch.file("")));
    return files;
  }
  tests::ScratchFolder folder_;
  std::map<std::string, std::string> files_;
};

TEST_F(BootFiles, HaveTheEntriesOfTheBootConfiguration) {
  files_["EFI/Microsoft/Boot/bootmgfw.efi"] = "MZ";
  files_["EFI/Boot/bootx64.efi"] = "MZ";
  files_["EFI/Microsoft/Boot/BCD"] = store(two_windows());
  const auto files = read();
  EXPECT_EQ(files.partition, 1U);
  EXPECT_EQ(files.manager, "EFI/Microsoft/Boot/bootmgfw.efi");
  EXPECT_TRUE(files.fallback);
  EXPECT_EQ(files.store, BootStore::good);
  EXPECT_FALSE(files.store_dirty);
  ASSERT_EQ(files.entries.size(), 2U) << "without the boot manager's own object";
  const auto& entry = files.entries[0];
  EXPECT_TRUE(entry.is_default) << "it comes first";
  EXPECT_EQ(entry.id, server);
  EXPECT_EQ(entry.description, "Windows Server");
  EXPECT_EQ(entry.path, "\\Windows\\system32\\winload.efi");
  EXPECT_EQ(entry.folder, "\\Windows");
  EXPECT_EQ(entry.os_device, (domain::BootDevice{true, false, "11111111-2222-3333-4444-555555555555",
                                                 "0fc63daf-8483-4772-8e79-3d69d8477de4", 0}));
  EXPECT_FALSE(files.entries[1].os_device.known);
}

TEST_F(BootFiles, OfBiosAreElsewhere) {
  files_["bootmgr"] = "x";
  files_["Boot/BCD"] = store(two_windows());
  const auto files = read(false);
  EXPECT_EQ(files.manager, "bootmgr");
  EXPECT_EQ(files.store, BootStore::good);
  EXPECT_FALSE(files.fallback);
}

TEST_F(BootFiles, MayBeMissingEmptyOrDamaged) {
  EXPECT_EQ(read().manager, "");
  EXPECT_EQ(read().store, BootStore::absent);
  files_["EFI/Microsoft/Boot/bootmgfw.efi"] = "";
  files_["EFI/Microsoft/Boot/BCD"] = std::string(8192, '\0');
  EXPECT_EQ(read().manager, "") << "an empty file starts nothing";
  EXPECT_EQ(read().store, BootStore::damaged);
  auto bytes = store(two_windows());
  bytes[4] = 99;  // of the first sequence number
  files_["EFI/Microsoft/Boot/BCD"] = bytes;
  EXPECT_TRUE(read().store_dirty);
}

TEST(BootDevice, IsReadFromItsElement) {
  const auto device = boot_device(hex_of(mbr_device()));
  EXPECT_EQ(device, (domain::BootDevice{true, false, "", "1a2b3c4d", 1U << 20U}));
  std::string boot(0x20, '\0');
  boot[0x10] = 5;
  EXPECT_TRUE(boot_device(hex_of(boot)).boot);
  EXPECT_FALSE(boot_device("").known);
  EXPECT_FALSE(boot_device("zz").known);
  EXPECT_FALSE(boot_device(hex_of(gpt_device().substr(0, 0x40))).known) << "cut off";
}

}  // namespace
}  // namespace rescue::windows_disk
