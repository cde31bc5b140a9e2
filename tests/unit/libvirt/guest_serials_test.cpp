// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/guest_serials.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rescue::libvirt {
namespace {

using domain::DiskBus;

std::vector<std::string> shown(const std::vector<std::string>& serials, DiskBus bus = DiskBus::virtio_scsi) {
  std::vector<domain::Disk> disks(serials.size());
  for (std::size_t index = 0; index < serials.size(); ++index) disks[index].serial = serials[index];
  return guest_serials(disks, bus);
}

TEST(GuestSerials, AreTheHardwaresOwn) {
  EXPECT_EQ(shown({"ZA1234AB", "  VMware-56 4d 1c ", "a/b#c", ""}),
            (std::vector<std::string>{"ZA1234AB", "VMware-56 4d 1c", "a/b#c", ""}));
  EXPECT_EQ(shown({"x\xc3\xa9\ty"}), std::vector<std::string>{"x___y"});
  EXPECT_EQ(shown({"", ""}), (std::vector<std::string>{"", ""}))
      << "QEMU and libvirt have names of their own for these";
}

TEST(GuestSerials, TellLongSerialsApartWhereverTheyDiffer) {
  const std::string tail(50, 'x');
  for (const auto bus : {DiskBus::virtio_scsi, DiskBus::sata}) {
    const std::size_t limit = bus == DiskBus::sata ? 20 : 36;
    const auto serials = shown({"0123456789" + tail, "9876543210" + tail, tail + "0123456789"}, bus);
    EXPECT_EQ(std::set<std::string>(serials.begin(), serials.end()).size(), 3U);
    for (const auto& serial : serials) EXPECT_LE(serial.size(), limit) << serial;
    EXPECT_EQ(serials[2], (tail + "0123456789").substr(60 - limit)) << "alone with its end: as it is";
    const auto reversed = shown({"9876543210" + tail, "0123456789" + tail}, bus);
    EXPECT_EQ(reversed[0], serials[1]) << "whatever their order";
    EXPECT_EQ(reversed[1], serials[0]);
  }
}

TEST(GuestSerials, TellDisksOfOneSerialApartByTheirOrder) {
  EXPECT_EQ(shown({"S4EWNX0N1", "S4EWNX0N1", "S4EWNX0N1"}),
            (std::vector<std::string>{"S4EWNX0N1", "S4EWNX0N1-2", "S4EWNX0N1-3"}));
  EXPECT_EQ(shown({"A", "A-2", "A"}), (std::vector<std::string>{"A", "A-2", "A-3"}));
  EXPECT_EQ(shown({"RESCUE-SYSTEM"}), std::vector<std::string>{"RESCUE-SYSTEM-2"}) << "that is the system disk's";
  const std::string longest(60, 'y');
  const auto serials = shown({longest, longest}, DiskBus::sata);
  EXPECT_EQ(serials, (std::vector<std::string>{std::string(20, 'y'), std::string(18, 'y') + "-2"}));
}

TEST(GuestSerials, ForLibvirtHaveNothingThatItRefusesOrEscapes) {
  EXPECT_EQ(serial_for_libvirt("VMware-56 4d_1.c+"), "VMware-56_4d_1.c+");
  EXPECT_EQ(serial_for_libvirt("a<b&\"c'/d"), "a_b__c__d");
}

}  // namespace
}  // namespace rescue::libvirt
