// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "windows_image.hpp"

#include <cstring>
#include <fstream>

namespace rescue::identity {
namespace {

using tests::Binary;

constexpr std::uint64_t system_start = 1U << 20U;
constexpr std::uint64_t windows_start = 5U << 20U;

std::string number(std::uint64_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

/// The bytes of a GUID of these tests on a disk: its first three fields are little-endian.
std::string bytes_of_guid(const std::string& guid) {
  return std::string("\0\0\0", 3) + static_cast<char>(std::stoi(guid.substr(0, 2), nullptr, 16)) +
         std::string("\x00\x00\x00\x40\x80\x00\x01\x23\x45\x67\x89\xab", 12);
}

const std::string signature_bytes = "\x4d\x3c\x2b\x1a";

}  // namespace

/// An element of a boot configuration for the partition of Windows.
std::string WindowsImage::device() const {
  std::string bytes(0x58, '\0');
  bytes[0x10] = 6;
  bytes[0x18] = 0x48;
  if (content.mbr) {
    bytes.replace(0x20, 8, number(windows_start));
    bytes[0x34] = 1;
    bytes.replace(0x38, 4, signature_bytes);
  } else {
    bytes.replace(0x20, 16, bytes_of_guid(image_windows_guid));
    bytes.replace(0x38, 16, bytes_of_guid(image_disk_guid));
  }
  return bytes;
}

void WindowsImage::put_boot_configuration(const std::string& disk) const {
  const std::string object = "Objects\\{b2721d73-1db4-4c62-bf78-c548a880142d}\\";
  std::vector<tests::RegistryValue> values{{"BCD", object + "Description", "Type", 0x10200003U}};
  for (const char* type : {"11000001", "21000001"}) {
    values.push_back({"BCD", object + "Elements\\" + type, "Element", Binary{device()}});
  }
  // Long enough, and of an odd distance, that some of them are in two clusters.
  std::string many;
  for (int i = 0; i < 300; ++i) many += device() + "odd";
  values.push_back({"BCD", object + "Elements\\31000003", "Element", Binary{many}});
  tests::write_hive(files.path("BCD"), "BCD", values);
  const auto volume = disk + "@@1M";
  const std::string folder = content.mbr ? "::/Boot" : "::/EFI/Microsoft/Boot";
  files.run_here({"mformat", "-i", volume, "-T", "8192", "-h", "16", "-s", "32", "-c", "1", "::"});
  if (!content.mbr) files.run_here({"mmd", "-i", volume, "::/EFI", "::/EFI/Microsoft"});
  files.run_here({"mmd", "-i", volume, folder});
  // Every second cluster at the begin becomes free: the file fills the holes.
  std::vector<std::string> copy{"mcopy", "-i", volume};
  std::vector<std::string> remove{"mdel", "-i", volume};
  for (int i = 0; i < 40; ++i) {
    copy.push_back(files.write("small-" + std::to_string(i), "x"));
    if (i % 2 == 0) remove.push_back("::/small-" + std::to_string(i));
  }
  copy.emplace_back("::/");
  files.run_here(copy);
  files.run_here(remove);
  files.run_here({"mcopy", "-i", volume, files.path("BCD"), folder + "/BCD"});
}

std::string WindowsImage::make() {
  const auto letter = [&](const char* name, const std::string& bytes) {
    content.set("SYSTEM", "MountedDevices", name, Binary{bytes});
  };
  if (content.mbr) {
    letter("\\DosDevices\\C:", signature_bytes + number(windows_start));
    letter("\\DosDevices\\E:", signature_bytes + number(system_start));
  } else {
    letter("\\DosDevices\\C:", "DMIO:ID:" + bytes_of_guid(image_windows_guid));
    letter("\\DosDevices\\E:", "DMIO:ID:" + bytes_of_guid(image_esp_guid));
  }
  letter("\\DosDevices\\F:", "DMIO:ID:somebody else's.");
  const auto disk = files.make(content, "raw", "raw");
  if (content.mbr) {
    std::fstream file(disk, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(440);
    file << signature_bytes;
  } else {
    files.run_here({"sgdisk", "--disk-guid=" + image_disk_guid, "--partition-guid=1:" + image_esp_guid,
                    "--partition-guid=2:" + image_windows_guid, disk});
  }
  put_boot_configuration(disk);
  return disk;
}

}  // namespace rescue::identity
