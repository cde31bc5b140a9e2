// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/file.hpp"
#include "inspected_image.hpp"
#include "orchestrator/domain/session_report.hpp"
#include "orchestrator/domain/snapshot_form.hpp"
#include "orchestrator/windows/boot_objects.hpp"
#include "orchestrator/windows/snapshot.hpp"
#include "tests/unit/prepared/prepared_windows.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::windows_disk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tests::Binary;
using tests::RegistryValue;

const std::string boot_manager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
const std::string loader = "{b2721d73-1db4-4c62-bf78-c548a880142d}";

RegistryValue boot_element(const std::string& object, const std::string& type,
                           std::variant<std::uint32_t, std::string, Binary> data) {
  return {"BCD", "Objects\\" + object + "\\Elements\\" + type, "Element", std::move(data)};
}

/// UTF-16 of a REG_MULTI_SZ with one text.
std::string list_of(const std::string& text) {
  std::string bytes;
  for (const char c : text) bytes += {c, '\0'};
  return bytes + std::string(4, '\0');
}

std::vector<RegistryValue> boot_store(const std::string& path) {
  std::string own_partition(0x20, '\0');
  own_partition[0x10] = 5;
  return {boot_element(boot_manager, "12000004", std::string("Windows Boot Manager")),
          boot_element(boot_manager, "23000003", loader),
          boot_element(boot_manager, "24000001", Binary{list_of(loader)}),
          boot_element(boot_manager, "25000004", Binary{std::string("\x1e\0\0\0\0\0\0\0", 8)}),
          boot_element(boot_manager, "11000001", Binary{own_partition}),
          boot_element(loader, "12000004", std::string("Windows Server")),
          boot_element(loader, "12000002", path),
          boot_element(loader, "16000009", Binary{std::string("\x01", 1)}),
          boot_element(loader, "35000001", Binary{"abc"})};
}

std::string bytes_of_image(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string value_of(const std::vector<domain::BootObject>& objects, const std::string& id, const std::string& type) {
  for (const auto& object : objects) {
    if (object.id != id) continue;
    for (const auto& element : object.elements) {
      if (element.type == type) return element.value;
    }
  }
  return "absent";
}

TEST(BootObjects, AreReadable) {
  const tests::ScratchFolder folder;
  tests::write_hive(folder.file("BCD"), "BCD", boot_store("\\Windows\\system32\\winload.efi"));
  const auto objects = boot_objects(disk::Hive(read_file(folder.file("BCD"))));
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(value_of(objects, boot_manager, "23000003"), loader);
  EXPECT_EQ(value_of(objects, boot_manager, "24000001"), loader);
  EXPECT_EQ(value_of(objects, boot_manager, "25000004"), "30");
  EXPECT_EQ(value_of(objects, boot_manager, "11000001"), "the partition of the boot manager");
  EXPECT_EQ(value_of(objects, loader, "12000002"), "\\Windows\\system32\\winload.efi");
  EXPECT_EQ(value_of(objects, loader, "16000009"), "yes");
  EXPECT_EQ(value_of(objects, loader, "35000001"), std::to_string(0x636261));
}

/// A disk with an EFI system partition and a Windows that boots, as a customer finds it.
class Snapshot : public ::testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "mkntfs, wimlib, qemu-img, sgdisk or mtools is not installed";
    tests::WindowsContent content;
    content.files["Windows/System32/drivers/etc/hosts"] = "# a unique line of hosts\r\n";
    content.files["Windows/System32/sethc.exe"] = "MZ";
    content.files["bootmgr"] = "b";
    image_ = maker_.make(content, "raw", "img");
    for (const auto* const folder : {"::/EFI", "::/EFI/Microsoft", "::/EFI/Microsoft/Boot"}) {
      maker_.run_here({"mmd", "-i", image_ + "@@1M", folder});
    }
    put_boot_store("\\Windows\\system32\\winload.efi");
    put_file("bootmgfw.efi", "MZ boot manager");
  }
  void put_file(const std::string& name, const std::string& content) {
    maker_.run_here(
        {"mcopy", "-o", "-i", image_ + "@@1M", maker_.write("content", content), "::/EFI/Microsoft/Boot/" + name});
  }
  void put_boot_store(const std::string& path) {
    tests::write_hive(maker_.path("BCD"), "BCD", boot_store(path));
    put_file("BCD", read_file(maker_.path("BCD")));
  }
  [[nodiscard]] domain::DiskSnapshot taken() const {
    const FileDescriptor file(::open(image_.c_str(), O_RDONLY | O_CLOEXEC));
    const tests::ScratchFolder scratch;
    auto snapshot = take_snapshot(file.get(), scratch.file(""));
    EXPECT_TRUE(std::filesystem::is_empty(scratch.file(""))) << "a copy of a hive was left";
    snapshot.path = "/dev/sda";
    return snapshot;
  }
  [[nodiscard]] std::vector<std::string> changes_since(const domain::DiskSnapshot& before) const {
    domain::SessionReport report;
    compare(before, taken(), report);
    EXPECT_THAT(report.unknown, IsEmpty());
    std::vector<std::string> texts;
    for (const auto& change : report.changes) texts.push_back(change.text);
    return texts;
  }
  tests::PreparedWindows maker_;
  std::string image_;
};

TEST_F(Snapshot, RecordsWhatADiskIsStartedBy) {
  const auto snapshot = taken();
  EXPECT_EQ(snapshot.table, "gpt");
  EXPECT_EQ(snapshot.id.size(), 36U);
  ASSERT_EQ(snapshot.regions.size(), 3U);
  EXPECT_EQ(snapshot.regions[0].name, "mbr");
  EXPECT_EQ(snapshot.regions[1].name, "primary-gpt");
  EXPECT_EQ(snapshot.regions[2].name, "backup-gpt");
  const auto disk = bytes_of_image(image_);
  for (const auto& region : snapshot.regions) {
    EXPECT_EQ(bytes_of_base64(region.copy), disk.substr(region.start, region.bytes)) << region.name;
  }
  ASSERT_EQ(snapshot.volumes.size(), 2U);
  const auto& system = snapshot.volumes[0];
  EXPECT_EQ(system.store, "EFI/Microsoft/Boot/BCD");
  EXPECT_EQ(system.store_problem, "");
  EXPECT_EQ(system.objects.size(), 2U);
  ASSERT_EQ(system.files.size(), 2U);
  EXPECT_EQ(system.files[1].path, "EFI/Microsoft/Boot/bootmgfw.efi");
  EXPECT_EQ(system.files[1].sha256.size(), 64U);
  const auto& main = snapshot.volumes[1];
  EXPECT_EQ(main.problem, "");
  std::vector<std::string> paths;
  for (const auto& file : main.files) {
    paths.push_back(file.path);
    EXPECT_EQ(file.sha256.size(), 64U) << file.path;
    EXPECT_TRUE(file.modified.starts_with("20")) << file.modified;
  }
  for (const auto* const path : {"bootmgr", "Windows/System32/config/SYSTEM", "Windows/System32/drivers/etc/hosts",
                                 "Windows/System32/sethc.exe"}) {
    EXPECT_THAT(paths, ::testing::Contains(path));
  }
  EXPECT_EQ(domain::disk_snapshot_from(domain::to_json(snapshot).dump()), snapshot);
  EXPECT_THAT(changes_since(snapshot), IsEmpty());
}

TEST_F(Snapshot, ShowsWhatACustomerChanged) {
  const auto before = taken();
  put_boot_store("\\Windows\\system32\\winload.exe");
  put_file("bootmgfw.efi", "MZ another one!");
  const auto disk = bytes_of_image(image_);
  const auto at = disk.find("a unique line of hosts");
  ASSERT_NE(at, std::string::npos);
  patch(image_, at, "A unique line of hosts");
  maker_.run_here({"sgdisk", "--change-name=2:Customer", image_});
  EXPECT_THAT(changes_since(before),
              ElementsAre("boot configuration: entry 'Windows Server': path changed from "
                          "'\\Windows\\system32\\winload.efi' to '\\Windows\\system32\\winload.exe'",
                          "EFI/Microsoft/Boot/bootmgfw.efi was replaced", "its name changed from none to 'Customer'",
                          "Windows/System32/drivers/etc/hosts was changed"));
}

TEST_F(Snapshot, ShowsDamageAndIgnoresAMount) {
  const auto before = taken();
  patch(image_, mebibyte + 0x25, "\x01");  // FAT's flag of a mount
  EXPECT_THAT(changes_since(before), IsEmpty());
  patch(image_, mebibyte + 3, "X");
  EXPECT_THAT(changes_since(before), ElementsAre("its boot sector was changed"));
  const auto later = taken();
  maker_.run_here({"sgdisk", "--disk-guid=0FC63DAF-8483-4772-8E79-3D69D8477DE4", "--delete=2", image_});
  EXPECT_THAT(changes_since(later), ElementsAre(HasSubstr("to 0fc63daf-8483-4772-8e79-3d69d8477de4"),
                                                HasSubstr("the partition was removed")));
  const auto last = taken();
  put_file("BCD", std::string(8192, '\0'));
  patch(image_, 0, "boot code");
  patch(image_, 512, std::string(512, '\0'));
  EXPECT_THAT(changes_since(last),
              ElementsAre("the boot configuration (BCD) is damaged now: Windows can't start from here",
                          "the boot code in the first sector was changed",
                          "the first copy of the partition table is gone"));
}

TEST_F(Snapshot, IsOfWindowsWithAnMbr) {
  tests::WindowsContent content;
  content.mbr = true;
  content.files["Boot/bootstat.dat"] = "x";
  image_ = maker_.make(content, "raw", "img");
  const auto snapshot = taken();
  EXPECT_EQ(snapshot.table, "mbr");
  ASSERT_EQ(snapshot.regions.size(), 1U);
  ASSERT_EQ(snapshot.volumes.size(), 2U);
  EXPECT_TRUE(snapshot.volumes[0].active);
  patch(image_, 440, "\x4d\x3c\x2b\x1b");
  EXPECT_THAT(changes_since(snapshot), ElementsAre(HasSubstr("the disk's signature changed from")));
}

TEST(SnapshotOfADynamicDisk, HasADigestOfItsDatabase) {
  const ImageFile image(64 * mebibyte);
  image.run_on_it({"sgdisk", "--new=1:2048:+1M", "--typecode=1:5808c8aa-7e8f-42e0-85d2-e1e90434cfb3"});
  const auto take = [&] {
    const FileDescriptor file(::open(image.path().c_str(), O_RDONLY | O_CLOEXEC));
    return take_snapshot(file.get(), "/nowhere");
  };
  const auto before = take();
  ASSERT_EQ(before.regions.back().name, "ldm");
  image.put(mebibyte + 100, "PRIVHEAD");
  domain::SessionReport report;
  compare(before, take(), report);
  ASSERT_EQ(report.changes.size(), 2U);
  EXPECT_EQ(report.changes[0].code, domain::ChangeCode::boot_sector);
  EXPECT_EQ(report.changes[1].text, "the database of dynamic disks was changed");
}

TEST(SnapshotOfAnEmptyDisk, HasNothing) {
  const ImageFile image(mebibyte);
  const FileDescriptor file(::open(image.path().c_str(), O_RDONLY | O_CLOEXEC));
  const auto snapshot = take_snapshot(file.get(), "/nowhere");
  EXPECT_EQ(snapshot.table, "none");
  EXPECT_THAT(snapshot.volumes, IsEmpty());
}

}  // namespace
}  // namespace rescue::windows_disk
