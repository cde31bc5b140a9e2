// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest may leave work on its frames to the kernel. The rules see the final frames: those that match are sent.
#include "orchestrator/linux/network/offloads.hpp"
#include "orchestrator/linux/network/tap.hpp"
#include "tests/integration/network/filter_lab.hpp"

#include <fmt/format.h>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

constexpr std::size_t ethernet_header = 14;
constexpr std::size_t transport_at = ethernet_header + 20;

/// The pseudo header of a UDP or TCP checksum.
std::string pseudo_header(const std::string& from, const std::string& to, uint8_t protocol, std::size_t size) {
  return raw(from) + raw(to) + std::string{'\0', static_cast<char>(protocol)} + big_endian(static_cast<uint16_t>(size));
}

class FinalFrames : public FilterLab {
protected:
  void take_over_with_tap() {
    build_server();
    take_over_with_guest();
    tap = open_tap_queue(taken.tap, taken.tap_queues);
  }
  /// Sends header and frame in one write, as QEMU does.
  void guest_writes(const Offload& offload, const std::string& frame) const { send(tap, with_offload(offload, frame)); }
  static void send(const FileDescriptor& queue, const std::string& bytes) {
    ASSERT_EQ(::write(queue.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  /// Counts matching frames at the guest's link, just before the guest's rules.
  static void count_at_the_rules(const std::string& match) {
    run_program(
        {"nft", "-f", "-"},
        fmt::format("table netdev looking {{\n chain look {{\n type filter hook ingress device {} priority -200\n"
                    " {} counter\n }}\n}}\n",
                    guest_link, match));
  }
  static std::string counted(unsigned packets) { return fmt::format("counter packets {} ", packets); }
  static std::string counter() {
    const auto list = run_program({"nft", "list", "table", "netdev", "looking"});
    run_program({"nft", "delete", "table", "netdev", "looking"});
    return list;
  }
  /// The test's frames that arrived there, in order.
  static std::vector<std::string> marked(const FileDescriptor& socket) {
    auto frames = frames_at(socket, 60);
    std::erase_if(frames, [](const auto& frame) { return frame.find(marker) == std::string::npos; });
    return frames;
  }
  /// A UDP datagram whose checksum the kernel is to complete, and that checksum.
  static std::pair<std::string, uint16_t> datagram_without_checksum(const std::string& to) {
    auto datagram = udp(4000, 53);
    const auto pseudo = pseudo_header(server_v4, to, over_udp, datagram.size());
    const auto complete = internet_checksum(pseudo + datagram);
    datagram.replace(6, 2, big_endian(static_cast<uint16_t>(~internet_checksum(pseudo))));
    return {ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, to, over_udp, datagram)), complete};
  }

  FileDescriptor tap;
};

constexpr Offload udp_checksum{transport_at, 6, 0, 0};

TEST_F(FinalFrames, ChecksumIsFilledInBeforeTheRulesLook) {
  take_over_with_tap();
  const auto [frame, complete] = datagram_without_checksum(customer_v4);
  count_at_the_rules(fmt::format("udp dport 53 udp checksum {}", complete));
  guest_writes(udp_checksum, frame);
  EXPECT_NE(counter().find(counted(1)), std::string::npos);
  const auto seen = marked(wire);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(number_at(seen[0], transport_at + 6), complete);
}

TEST_F(FinalFrames, PortThatTheKernelWritesIsThePortThatTheRulesSee) {
  take_over_with_tap();
  const auto frame = ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, customer_v4, over_udp, udp(4000, 53)));
  // The guest chooses the place of the sum: here the datagram's destination port.
  const auto written = internet_checksum(frame.substr(transport_at));
  count_at_the_rules(fmt::format("udp sport 4000 udp dport {}", written));
  guest_writes({transport_at, 2, 0, 0}, frame);
  EXPECT_NE(counter().find(counted(1)), std::string::npos);
  const auto seen = marked(wire);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(number_at(seen[0], transport_at + 2), written);
}

TEST_F(FinalFrames, SegmentsAreCutBeforeTheRulesLook) {
  take_over_with_tap();
  auto segment = tcp(4000, 443) + std::string(2500, '.') + marker + std::string(400, '.');
  const auto pseudo = pseudo_header(server_v4, customer_v4, over_tcp, segment.size());
  segment.replace(16, 2, big_endian(static_cast<uint16_t>(~internet_checksum(pseudo))));
  const auto frame = ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, customer_v4, over_tcp, segment));
  count_at_the_rules("tcp sport 4000 tcp dport 443");
  guest_writes({transport_at, 16, 1000, transport_at + 20}, frame);
  EXPECT_NE(counter().find(counted(3)), std::string::npos);
  const auto all = frames_at(wire, 60);
  std::size_t cut = 0;
  for (const auto& seen : all) {
    if (seen.size() < 1000 && seen.find("....") == std::string::npos) continue;
    ++cut;
    EXPECT_LE(seen.size(), 1514U);
    const auto content = seen.substr(transport_at);
    EXPECT_EQ(internet_checksum(pseudo_header(server_v4, customer_v4, over_tcp, content.size()) + content), 0U);
  }
  EXPECT_EQ(cut, 3U);
}

TEST_F(FinalFrames, ProbeAndLocalDhcpGetThemToo) {
  take_over_with_tap();
  const auto probe = packet_socket("rescue-prb", probe_link);
  const auto [frame, complete] = datagram_without_checksum(taken.probe_address.text());
  guest_writes(udp_checksum, frame);
  const auto seen = marked(probe);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(number_at(seen[0], transport_at + 6), complete);
}

TEST_F(FinalFrames, EachQueueAndEachStartOfTheVmIsTheSame) {
  build_server();
  taken = plan();
  taken.tap_queues = 4;
  take_over(taken);
  wire = packet_socket("router", "wire");
  for (int start = 0; start < 2; ++start) {
    std::vector<FileDescriptor> queues;
    for (unsigned queue = 0; queue < taken.tap_queues; ++queue) {
      queues.push_back(open_tap_queue(taken.tap, taken.tap_queues));
    }
    wait_for_link(taken.tap, "state UP");
    for (const auto& queue : queues) {
      const auto [frame, complete] = datagram_without_checksum(customer_v4);
      send(queue, with_offload(udp_checksum, frame));
      const auto seen = marked(wire);
      ASSERT_EQ(seen.size(), 1U);
      EXPECT_EQ(number_at(seen[0], transport_at + 6), complete);
    }
  }
}

TEST_F(FinalFrames, NothingIsLeftToDoWhereTheRulesStand) {
  take_over_with_tap();
  EXPECT_EQ(active_offloads(guest_port), std::vector<std::string>());
  run_program({"ethtool", "-K", guest_port, "tx", "on", "sg", "on", "tso", "on"});
  EXPECT_NE(active_offloads(guest_port), std::vector<std::string>());
  take_over(taken);
  EXPECT_EQ(active_offloads(guest_port), std::vector<std::string>()) << "a takeover that is repeated puts it right";
}

TEST_F(FinalFrames, WithoutRulesNothingPasses) {
  take_over_with_tap();
  const auto frame = ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, customer_v4, over_udp, udp(4000, 53)));
  EXPECT_TRUE(leaves(frame));
  run_program({"nft", "flush", "ruleset"});
  EXPECT_FALSE(leaves(frame));
  take_over(taken);
  EXPECT_TRUE(leaves(frame));
}

}  // namespace
}  // namespace rescue::linux
