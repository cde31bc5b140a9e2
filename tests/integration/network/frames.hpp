// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frames of a hostile guest or a stranger on the wire, which no kernel would send.

#include <cstddef>
#include <cstdint>
#include <string>

namespace rescue::linux::lab {

/// Marks a test's own frames.
inline constexpr const char* marker = "made-by-the-test";

[[nodiscard]] std::string ethernet(const std::string& to, const std::string& from, uint16_t type,
                                   const std::string& content);
[[nodiscard]] std::string ipv4(const std::string& from, const std::string& to, uint8_t protocol,
                               const std::string& content);
[[nodiscard]] std::string ipv6(const std::string& from, const std::string& to, uint8_t protocol,
                               const std::string& content);
/// Eight bytes of UDP, or as much of TCP as a filter looks at (ports; the rest zero), and the marker.
[[nodiscard]] std::string udp(uint16_t from, uint16_t to);
[[nodiscard]] std::string tcp(uint16_t from, uint16_t to);
/// An ICMP or ICMPv6 message: type, code, four bytes that depend on it, content.
[[nodiscard]] std::string icmp(uint8_t type, uint8_t code, const std::string& content);
/// An ARP reply.
[[nodiscard]] std::string arp(const std::string& sender_mac, const std::string& sender, const std::string& target);
/// The bytes of an address.
[[nodiscard]] std::string raw(const std::string& address);

/// The sum of RFC 1071 over 16-bit words, folded and complemented.
[[nodiscard]] uint16_t internet_checksum(const std::string& bytes);
[[nodiscard]] std::string big_endian(uint16_t value);
[[nodiscard]] uint16_t number_at(const std::string& bytes, std::size_t at);

/// Requests of the VM to the kernel for a frame, in the header before each frame of a tap (virtio 1.1, 5.1.6).
struct Offload {
  uint16_t checksum_start = 0;  ///< in the frame; 0: no checksum is requested
  uint16_t checksum_offset = 0;
  uint16_t segment_size = 0;  ///< for TCP over IPv4; 0: no segmentation is requested
  uint16_t header_length = 0;
};
[[nodiscard]] std::string with_offload(const Offload& offload, const std::string& frame);

}  // namespace rescue::linux::lab
