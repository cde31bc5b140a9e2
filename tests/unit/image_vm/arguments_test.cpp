// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Specifications that QEMU can't run, QEMU's command line, and the choice of the firmware.
#include "images/vm/arguments.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace vm;

Specification with_disk(DiskSpec disk = {.path = "/d", .boot_order = 1}) {
  Specification specification;
  specification.disks = {std::move(disk)};
  return specification;
}

/// JSON values of an option.
std::vector<json> values_of(const std::vector<std::string>& arguments, const std::string& option) {
  std::vector<json> found;
  for (std::size_t index = 0; index + 1 < arguments.size(); ++index) {
    if (arguments[index] == option) found.push_back(json::parse(arguments[index + 1]));
  }
  return found;
}

Prepared prepared_for(const Specification& specification) {
  Prepared prepared;
  prepared.monitor = 3;
  prepared.agent = 4;
  prepared.serial_log = "/folder, with a comma/serial.log";
  prepared.disks = specification.disks;
  return prepared;
}

TEST(MachineSpecification, RefusesWhatQemuCantDo) {
  auto read_only = with_disk({.path = "/d", .read_only = true});
  EXPECT_NO_THROW(require_valid(read_only));
  read_only.disk_bus = DiskBus::sata;
  EXPECT_THAT(error_of([&] { require_valid(read_only); }).what(), HasSubstr("can't be read-only on SATA"));
  read_only.disks[0].snapshot = true;
  EXPECT_NO_THROW(require_valid(read_only));

  auto many = with_disk();
  many.disk_bus = DiskBus::sata;
  many.cdroms.resize(5);
  EXPECT_NO_THROW(require_valid(many));
  many.cdroms.resize(6);
  EXPECT_THAT(error_of([&] { require_valid(many); }).what(), HasSubstr("7 drives on 6 SATA ports"));

  EXPECT_THROW(require_valid(with_disk({})), Error);
  EXPECT_THROW(require_valid(with_disk({.path = "/d", .serial = std::string(21, 's')})), Error);
}

TEST(MachineArguments, RestrictTheNetworkAndForwardOnlyFromLoopback) {
  auto specification = with_disk();
  specification.nics = {{.forwards = {{22}, {3389}}}};
  const auto arguments = qemu_arguments(specification, prepared_for(specification));
  EXPECT_THAT(arguments, Contains("user,id=net0,restrict=on,net=10.0.2.0/"
                                  "24,dhcpstart=10.0.2.15,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:3389"));
}

TEST(MachineArguments, QuotePathsWithCommas) {
  const auto specification = with_disk({.path = "/a,b\"c", .boot_order = 1});
  const auto arguments = qemu_arguments(specification, prepared_for(specification));
  EXPECT_THAT(arguments, Contains("file,id=serial0,path=/folder,, with a comma/serial.log"));
  EXPECT_EQ(values_of(arguments, "-blockdev").at(0)["file"]["filename"], "/a,b\"c");
}

TEST(MachineArguments, PutDisksOnTheBusInTheirOrder) {
  for (const auto bus : {DiskBus::virtio_scsi, DiskBus::sata}) {
    auto specification = with_disk();
    specification.disk_bus = bus;
    specification.disks.push_back({.path = "/second", .format = DiskFormat::raw, .serial = "S2"});
    specification.cdroms = {{.path = "/setup.iso", .boot_order = 2}};
    const bool scsi = bus == DiskBus::virtio_scsi;
    std::vector<json> drives;
    for (const auto& device : values_of(qemu_arguments(specification, prepared_for(specification)), "-device")) {
      if (device.contains("drive")) drives.push_back(device);
    }
    ASSERT_EQ(drives.size(), 3U);
    EXPECT_EQ(drives[0]["bootindex"], 1);
    EXPECT_FALSE(drives[1].contains("bootindex"));
    EXPECT_EQ(drives[1]["serial"], "S2");
    EXPECT_EQ(drives[1]["bus"], scsi ? "scsi.0" : "ide.1");
    EXPECT_EQ(drives[1].contains("scsi-id"), scsi);
    EXPECT_EQ(drives[2]["driver"], "ide-cd");
    EXPECT_EQ(drives[2]["bus"], scsi ? "ide.0" : "ide.2");
    EXPECT_EQ(drives[2]["bootindex"], 2);
  }
}

TEST(MachineArguments, GiveWindowsTheHypervInterfaceUnderKvmOnly) {
  auto specification = with_disk();
  specification.windows = true;
  auto prepared = prepared_for(specification);
  EXPECT_THAT(qemu_arguments(specification, prepared), Contains("max"));
  prepared.kvm = true;
  prepared.svm = true;
  const auto arguments = qemu_arguments(specification, prepared);
  EXPECT_THAT(arguments, Contains(::testing::StartsWith("host,migratable=off,-svm,hv-time=on")));
  EXPECT_THAT(arguments, Not(Contains(HasSubstr("tlbflush"))));
  EXPECT_THAT(arguments, Contains("base=localtime,driftfix=slew"));
}

class FirmwareChoice : public ::testing::Test {
protected:
  /// Descriptor as Debian's ovmf has it.
  static json descriptor(const std::string& code, const std::vector<std::string>& features) {
    return {{"interface-types", {"uefi"}},
            {"mapping",
             {{"device", "flash"},
              {"executable", {{"filename", code}, {"format", "raw"}}},
              {"nvram-template", {{"filename", code + ".vars"}, {"format", "raw"}}}}},
            {"targets", {{{"architecture", "x86_64"}, {"machines", {"pc-i440fx-*", "pc-q35-*"}}}}},
            {"features", features}};
  }
  const ScratchFolder first_;
  const ScratchFolder second_;
  const std::vector<std::string> folders_{first_.file(""), second_.file("")};
};

TEST_F(FirmwareChoice, AvoidsSecureBoot) {
  second_.write("40.json", descriptor("/ms", {"enrolled-keys", "requires-smm", "secure-boot"}).dump());
  second_.write("50.json", descriptor("/smm", {"requires-smm"}).dump());
  second_.write("60.json", descriptor("/plain", {"acpi-s3"}).dump());
  second_.write("70.json", descriptor("/later", {}).dump());
  const auto found = find_uefi_firmware(folders_);
  EXPECT_EQ(found.code, "/plain");
  EXPECT_EQ(found.variables, "/plain.vars");
}

TEST_F(FirmwareChoice, LetsTheAdministratorHideADescriptor) {
  first_.write("60.json", "");
  second_.write("60.json", descriptor("/plain", {}).dump());
  second_.write("70.json", descriptor("/later", {}).dump());
  EXPECT_EQ(find_uefi_firmware(folders_).code, "/later");
}

TEST_F(FirmwareChoice, IgnoresOtherMachinesBiosesAndBrokenDescriptors) {
  auto arm = descriptor("/arm", {});
  arm["targets"][0]["architecture"] = "aarch64";
  auto old = descriptor("/i440fx", {});
  old["targets"][0]["machines"] = {"pc-i440fx-*"};
  auto bios = descriptor("/bios", {});
  bios["interface-types"] = {"bios"};
  auto stateless = descriptor("/stateless", {});
  stateless["mapping"].erase("nvram-template");
  int number = 10;
  for (const auto& each : {arm, old, bios, stateless, json::array(), json{{"targets", 7}}}) {
    second_.write(fmt::format("{}.json", number++), each.dump());
  }
  second_.write("90.json", "{");
  const auto error = error_of([&] { (void)find_uefi_firmware(folders_); });
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_THAT(error.hint(), HasSubstr("ovmf"));
}

}  // namespace
}  // namespace rescue::tests
