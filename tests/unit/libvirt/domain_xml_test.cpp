// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/libvirt/domain_xml.hpp"
#include "tests/doubles/thrown.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace rescue::libvirt {
namespace {

using domain::Accelerator;
using domain::Disk;
using domain::DiskBus;
using domain::Firmware;
using domain::GuestSpec;
using domain::GuestSystem;

Disk hard_disk() {
  Disk disk;
  disk.path = "/dev/sda";
  disk.stable_path = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4";
  disk.serial = "ZA1234AB";
  disk.wwn = "0x5000C500A1B2C3D4";
  disk.vendor = "ATA     ";
  disk.model = "ST4000NM0035-1V4107";
  disk.physical_block_size = 4096;
  disk.rotational = true;
  return disk;
}

Disk nvme_disk() {
  Disk disk;
  disk.path = "/dev/nvme0n1";
  disk.serial = "S4EWNX0N123456";
  disk.wwn = "eui.0025385b01412345";
  disk.model = "Samsung SSD 970 EVO Plus 1TB";
  return disk;
}

GuestSpec guest() {
  GuestSpec spec;
  spec.name = "rescue-web1";
  spec.accelerator = Accelerator::kvm;
  spec.memory_mib = 14'336;
  spec.vcpus = 4;
  spec.system_disk = "/var/lib/rescue/session/system.qcow2";
  spec.disks = {passed_through(hard_disk()), passed_through(nvme_disk())};
  spec.mac = net::Mac::parse("0c:c4:7a:12:34:56");
  spec.tap = "rstap0";
  spec.vnc_socket = "/run/rescue/vnc/socket";
  spec.serial_log = "/run/rescue/serial.log";
  return spec;
}

DomainHost host() {
  DomainHost where;
  where.vmx = true;
  where.skip_cpu_inquiry = true;
  where.nvram_folder = "/var/lib/libvirt/qemu/nvram";
  return where;
}

struct Golden {
  const char* name;
  std::function<void(GuestSpec&, DomainHost&)> change;
};
// Without this, GoogleTest's messages would print the bytes.
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

const std::vector<Golden> goldens = {
    {"windows-uefi-kvm-scsi", [](GuestSpec&, DomainHost&) {}},
    {"windows-uefi-kvm-scsi-tpm", [](GuestSpec& spec, DomainHost&) { spec.profile.tpm = true; }},
    {"windows-uefi-kvm-scsi-4kn", [](GuestSpec& spec, DomainHost&) { spec.disks[0].disk.logical_block_size = 4096; }},
    {"windows-uefi-kvm-scsi-few-enlightenments",
     [](GuestSpec&, DomainHost& where) {
       where.hyperv = {{"relaxed", "vapic", "spinlocks", "tlbflush"}};
     }},
    {"windows-uefi-kvm-no-hyperv", [](GuestSpec&, DomainHost& where) { where.hyperv.emplace(); }},
    {"windows-uefi-kvm-compatible-scsi",
     [](GuestSpec& spec, DomainHost& where) {
       spec.accelerator = Accelerator::kvm_compatible;
       where.svm = true;
       where.vmx = false;
     }},
    {"windows-uefi-tcg-scsi", [](GuestSpec& spec, DomainHost&) { spec.accelerator = Accelerator::tcg; }},
    {"windows-bios-kvm-sata",
     [](GuestSpec& spec, DomainHost&) {
       spec.profile.firmware = Firmware::bios;
       spec.profile.disk_bus = DiskBus::sata;
     }},
    {"windows-bios-kvm-sata-eight-disks",
     [](GuestSpec& spec, DomainHost&) {
       spec.profile.firmware = Firmware::bios;
       spec.profile.disk_bus = DiskBus::sata;
       spec.disks.assign(7, passed_through(nvme_disk()));
     }},
    {"windows-bios-tcg-serial-with-blanks",
     [](GuestSpec& spec, DomainHost&) {
       spec.profile.firmware = Firmware::bios;
       spec.accelerator = Accelerator::tcg;
       spec.disks[0].disk.serial = "VMware-56 4d 1c";
     }},
    {"windows-uefi-kvm-read-only",
     [](GuestSpec& spec, DomainHost&) {
       for (auto& given : spec.disks) given.read_only = true;
     }},
    {"standin-uefi-kvm-scsi", [](GuestSpec& spec, DomainHost&) { spec.profile.system = GuestSystem::standin; }},
    {"standin-bios-tcg-scsi",
     [](GuestSpec& spec, DomainHost&) {
       spec.profile.system = GuestSystem::standin;
       spec.profile.firmware = Firmware::bios;
       spec.accelerator = Accelerator::tcg;
       spec.tap_queues = 1;
     }},
    {"standin-bios-tcg-sata",
     [](GuestSpec& spec, DomainHost&) {
       spec.profile.system = GuestSystem::standin;
       spec.profile.firmware = Firmware::bios;
       spec.profile.disk_bus = DiskBus::sata;
       spec.accelerator = Accelerator::tcg;
     }},
};

class DomainXmlGolden : public testing::TestWithParam<Golden> {
protected:
  [[nodiscard]] std::string path() const { return std::string(RESCUE_GOLDEN_FOLDER "/") + GetParam().name + ".xml"; }
};

TEST_P(DomainXmlGolden, StaysAsItWasAccepted) {
  auto spec = guest();
  auto where = host();
  GetParam().change(spec, where);
  const auto xml = domain_xml(spec, where);
  EXPECT_EQ(xml, domain_xml(spec, where)) << "the same bytes for the same arguments";
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) std::ofstream(path(), std::ios::binary) << xml;
  std::ifstream in(path(), std::ios::binary);
  ASSERT_TRUE(in) << path() << " is missing: accept it with RESCUE_TEST_ACCEPT=1";
  const std::string accepted{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(xml, accepted) << "look at the difference, then accept it with RESCUE_TEST_ACCEPT=1";
}

TEST_P(DomainXmlGolden, PassesLibvirtsSchema) {
  Command validate;
  validate.argv = {"virt-xml-validate", path(), "domain"};
  Completed result;
  try {
    result = run(validate);
  } catch (const Error&) {
    GTEST_SKIP() << "virt-xml-validate is not installed (package libvirt-clients)";
  }
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

INSTANTIATE_TEST_SUITE_P(Guests, DomainXmlGolden, testing::ValuesIn(goldens), [](const auto& instance) {
  std::string name = instance.param.name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

std::string xml_with(const Disk& disk, DiskBus bus = DiskBus::virtio_scsi) {
  auto spec = guest();
  spec.profile.disk_bus = bus;
  spec.disks = {passed_through(disk)};
  return domain_xml(spec, host());
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(DomainXml, NamesTheDiskWhoseSectorsSataCannotShow) {
  auto disk = hard_disk();
  disk.logical_block_size = 4096;
  const auto error = tests::error_of([&] { static_cast<void>(xml_with(disk, DiskBus::sata)); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_TRUE(contains(error.what(), "/dev/sda")) << error.what();
  EXPECT_TRUE(contains(error.hint(), "virtio-scsi")) << error.hint();
}

TEST(DomainXml, GivesTheGuestAFileInPlaceOfADiskWithTheIdentityOfTheDisk) {
  auto spec = guest();
  spec.disks = {passed_through(hard_disk())};
  spec.disks[0].source = "/var/lib/rescue/overlay/sda.qcow2";
  spec.disks[0].format = domain::DiskFormat::qcow2;
  spec.disks[0].cache = domain::DiskCache::writeback;
  spec.disks[0].discard = false;
  const auto xml = domain_xml(spec, host());
  EXPECT_TRUE(contains(xml, R"(<source file="/var/lib/rescue/overlay/sda.qcow2" />)")) << xml;
  EXPECT_TRUE(contains(xml, R"(type="qcow2" cache="writeback")")) << xml;
  EXPECT_TRUE(contains(xml, R"(io="threads" discard="ignore")")) << xml;
  EXPECT_TRUE(contains(xml, "<serial>" + hard_disk().serial + "</serial>")) << xml;
  EXPECT_TRUE(contains(xml, R"(error_policy="enospace" rerror_policy="report")")) << xml;
  EXPECT_TRUE(contains(xml, R"(<backingStore type="block">)")) << xml;
  EXPECT_TRUE(contains(xml, R"(<source dev="/dev/sda" />)")) << "what it lies over";
}

TEST(DomainXml, RefusesTheModeOverlayForADiskThatHasNone) {
  auto spec = guest();
  spec.disk_mode = domain::DiskMode::overlay;
  EXPECT_THROW(static_cast<void>(domain_xml(spec, host())), Error);
}

TEST(DomainXml, RefusesAReadOnlyDiskOnSata) {
  auto spec = guest();
  spec.profile.disk_bus = DiskBus::sata;
  spec.disks = {passed_through(hard_disk(), true)};
  EXPECT_EQ(tests::error_of([&] { static_cast<void>(domain_xml(spec, host())); }).code(), ErrorCode::precondition);
}

TEST(DomainXml, KeepsTheEndOfALongSerialNumber) {
  auto disk = hard_disk();
  disk.serial = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
  EXPECT_TRUE(contains(xml_with(disk), "<serial>6789abcdefghijklmnopqrstuvwxyzABCDEF</serial>"));
  EXPECT_TRUE(contains(xml_with(disk, DiskBus::sata), "<serial>mnopqrstuvwxyzABCDEF</serial>"));
}

TEST(DomainXml, ReplacesWhatLibvirtRefusesInASerialNumber) {
  auto disk = hard_disk();
  disk.serial = "  a<b&\"c'/d\xc3\xa9 ";
  const auto xml = xml_with(disk);
  EXPECT_TRUE(contains(xml, "<serial>a_b__c__d__</serial>"));
  EXPECT_TRUE(contains(xml, "<alias name=\"ua--dev-sda\""));
  EXPECT_TRUE(contains(xml, "value=\"a&lt;b&amp;&quot;c'/d__\"")) << "QEMU gets what libvirt would refuse" << xml;
  EXPECT_FALSE(contains(xml_with(hard_disk()), "qemu:override"));
}

TEST(DomainXml, OpensTheKernelsNameAndNeverALink) {
  const auto xml = xml_with(hard_disk());
  EXPECT_TRUE(contains(xml, "<source dev=\"/dev/sda\""));
  EXPECT_FALSE(contains(xml, "by-id"));
}

TEST(DomainXml, TakesAsManyDisksAsTheBusHasRoomForAndSaysSo) {
  for (const auto& [bus, most] : {std::pair(DiskBus::virtio_scsi, 255U), std::pair(DiskBus::sata, 100U)}) {
    auto spec = guest();
    spec.profile.disk_bus = bus;
    spec.disks.assign(most, passed_through(nvme_disk()));
    const auto xml = domain_xml(spec, host());
    EXPECT_TRUE(contains(xml, "<serial>S4EWNX0N123456-" + std::to_string(most) + "</serial>"));
    spec.disks.push_back(passed_through(nvme_disk()));
    const auto error = tests::error_of([&, spec] { static_cast<void>(domain_xml(spec, host())); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_TRUE(contains(error.what(), std::to_string(most + 1) + " disks")) << error.what();
    EXPECT_TRUE(contains(error.hint(), "disks.only")) << error.hint();
  }
}

TEST(DomainXml, LeavesOutAWwnThatLibvirtCallsMalformed) {
  for (const char* wwn : {"", "eui.0025385b01412345", "0x600508b1001c0123456789abcdef0123", "0x5000c500a1b2c3dg"}) {
    auto disk = hard_disk();
    disk.wwn = wwn;
    EXPECT_FALSE(contains(xml_with(disk), "<wwn>")) << wwn;
  }
  EXPECT_TRUE(contains(xml_with(hard_disk()), "<wwn>5000c500a1b2c3d4</wwn>"));
  EXPECT_FALSE(contains(xml_with(hard_disk(), DiskBus::sata), "<wwn>"));
}

TEST(DomainXml, LeavesOutAWwnThatTwoDisksHave) {
  auto spec = guest();
  spec.disks = {passed_through(hard_disk()), passed_through(hard_disk())};
  EXPECT_FALSE(contains(domain_xml(spec, host()), "<wwn>"));
}

TEST(DomainXml, CutsVendorAndProductToTheInquiryFields) {
  auto disk = hard_disk();
  disk.vendor = "LONGVENDORNAME";
  disk.model = "A\tmodel \x01with control";
  const auto xml = xml_with(disk);
  EXPECT_TRUE(contains(xml, "<vendor>LONGVEND</vendor>"));
  EXPECT_TRUE(contains(xml, "<product>Amodel with cont</product>"));
  EXPECT_FALSE(contains(xml_with(disk, DiskBus::sata), "<vendor>"));
}

TEST(DomainXml, EscapesEveryText) {
  auto spec = guest();
  spec.system_disk = "/a<b>&\"c'.qcow2";
  const auto xml = domain_xml(spec, host());
  EXPECT_TRUE(contains(xml, "/a&lt;b>&amp;&quot;c'.qcow2") || contains(xml, "/a&lt;b&gt;&amp;&quot;c'.qcow2")) << xml;
}

TEST(DomainXml, NamesTargetsBeyondZ) {
  auto spec = guest();
  spec.disks.assign(30, passed_through(nvme_disk()));
  const auto xml = domain_xml(spec, host());
  EXPECT_TRUE(contains(xml, "dev=\"sdz\""));
  EXPECT_TRUE(contains(xml, "dev=\"sdaa\""));
  EXPECT_TRUE(contains(xml, "dev=\"sdae\""));
  EXPECT_FALSE(contains(xml, "dev=\"sdaf\""));
}

TEST(DomainXml, WithoutATapThereIsNoNetworkCard) {
  auto spec = guest();
  spec.tap.clear();
  EXPECT_FALSE(contains(domain_xml(spec, host()), "<interface"));
}

TEST(DomainXml, LetsLibvirtAskForTheCpuOfAnEnlightenedGuestOnly) {
  const std::string skip = "cpu-unavailable-features";
  EXPECT_FALSE(contains(domain_xml(guest(), host()), skip)) << "libvirt could not verify the enlightenments";
  auto spec = guest();
  spec.accelerator = Accelerator::tcg;
  EXPECT_TRUE(contains(domain_xml(spec, host()), skip));
  EXPECT_FALSE(contains(domain_xml(spec, {}), skip));
}

TEST(DomainXml, TellsWhereTheVariablesAre) {
  EXPECT_EQ(nvram_path("rescue-web1", host()), "/var/lib/libvirt/qemu/nvram/rescue-web1_VARS.fd");
  EXPECT_EQ(nvram_path("rescue-web1", {}), "");
}

}  // namespace
}  // namespace rescue::libvirt
