// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Frames as a hostile guest or a stranger on the wire would make them: no kernel would send them for us.

#include <cstdint>
#include <string>

namespace rescue::linux::lab {

/// What a test finds its own frames by.
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

}  // namespace rescue::linux::lab
