// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The data centre after a takeover, with a guest, and with sockets that capture frames.
#include "orchestrator/linux/network/takeover_names.hpp"
#include "tests/integration/network/frames.hpp"
#include "tests/integration/network/lab.hpp"

#include <algorithm>

namespace rescue::linux::lab {

inline constexpr const char* broadcast = "ff:ff:ff:ff:ff:ff";
inline constexpr const char* foreign_mac = "52:54:00:66:66:66";
inline constexpr uint16_t type_ip = 0x0800;
inline constexpr uint16_t type_arp = 0x0806;
inline constexpr uint16_t type_vlan = 0x8100;
inline constexpr uint16_t type_ip6 = 0x86dd;
inline constexpr uint8_t over_icmp = 1;
inline constexpr uint8_t over_tcp = 6;
inline constexpr uint8_t over_udp = 17;
inline constexpr uint8_t over_icmp6 = 58;

class FilterLab : public NetworkLab {
protected:
  /// Takes `taken` over, with a guest, and with sockets that capture frames.
  void take_over_and_watch() {
    take_over(taken);
    plug_guest(taken);
    configure_guest();
    wait_for_link(taken.tap, "state UP");
    guest = packet_socket("guest", "eth0");
    wire = packet_socket("router", "wire");
    control = packet_socket("", control_link);
  }
  void take_over_with_guest() {
    taken = plan();
    take_over_and_watch();
    const auto ssh = listen_in("guest", "0.0.0.0", 22);
    EXPECT_TRUE(reaches("customer", server_v4, 22, ssh)) << "else nothing here proves anything";
    drain();
  }
  void drain() const {
    for (const auto* socket : {&guest, &wire, &control}) (void)frames_at(*socket, 20);
  }
  /// Number of arrived frames with the marker.
  static std::size_t arrived(const FileDescriptor& socket) {
    const auto frames = frames_at(socket, 60);
    return static_cast<std::size_t>(std::count_if(frames.begin(), frames.end(), [](const std::string& frame) {
      return frame.find(marker) != std::string::npos;
    }));
  }
  /// A frame from the guest to the router.
  bool leaves(const std::string& frame) const {
    send_frame(guest, frame);
    return arrived(wire) > 0;
  }
  bool v4_leaves(const std::string& from, uint8_t protocol, const std::string& content) const {
    return leaves(ethernet(broadcast, server_mac, type_ip, ipv4(from, customer_v4, protocol, content)));
  }
  bool v6_leaves(const std::string& from, uint8_t protocol, const std::string& content) const {
    return leaves(ethernet(broadcast, server_mac, type_ip6, ipv6(from, customer_v6, protocol, content)));
  }

  domain::TakeoverPlan taken;
  FileDescriptor guest;
  FileDescriptor wire;
  FileDescriptor control;
};

}  // namespace rescue::linux::lab
