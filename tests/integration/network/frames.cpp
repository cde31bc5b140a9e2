// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/network/frames.hpp"

#include "core/net/ip_address.hpp"
#include "core/net/mac.hpp"

namespace rescue::linux::lab {
namespace {

std::string mac(const std::string& text) {
  const auto parsed = net::Mac::parse(text);
  return {parsed.bytes().begin(), parsed.bytes().end()};
}

}  // namespace

std::string big_endian(uint16_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

uint16_t number_at(const std::string& bytes, std::size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes.at(at)) << 8 | static_cast<uint8_t>(bytes.at(at + 1)));
}

uint16_t internet_checksum(const std::string& bytes) {
  const auto whole = bytes.size() % 2 == 0 ? bytes : bytes + '\0';
  uint32_t sum = 0;
  for (std::size_t at = 0; at < whole.size(); at += 2) sum += number_at(whole, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

std::string with_offload(const Offload& offload, const std::string& frame) {
  // linux/virtio_net.h has the struct, and a member called "class".
  struct Header {
    uint8_t flags;
    uint8_t segmentation;
    uint16_t header_length;
    uint16_t segment_size;
    uint16_t checksum_start;
    uint16_t checksum_offset;
  };
  constexpr uint8_t needs_checksum = 1;
  constexpr uint8_t tcp_over_ipv4 = 1;
  const Header header{offload.checksum_start != 0 ? needs_checksum : uint8_t{0},
                      offload.segment_size != 0 ? tcp_over_ipv4 : uint8_t{0},
                      offload.header_length,
                      offload.segment_size,
                      offload.checksum_start,
                      offload.checksum_offset};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + frame;
}

std::string raw(const std::string& address) {
  const auto parsed = net::IpAddress::parse(address);
  return {parsed.bytes().begin(), parsed.bytes().end()};
}

std::string ethernet(const std::string& to, const std::string& from, uint16_t type, const std::string& content) {
  return mac(to) + mac(from) + big_endian(type) + content;
}

std::string ipv4(const std::string& from, const std::string& to, uint8_t protocol, const std::string& content) {
  std::string header(12, '\0');
  header[0] = '\x45';
  header.replace(2, 2, big_endian(static_cast<uint16_t>(20 + content.size())));
  header[8] = 64;
  header[9] = static_cast<char>(protocol);
  header += raw(from) + raw(to);
  header.replace(10, 2, big_endian(internet_checksum(header)));
  return header + content;
}

std::string ipv6(const std::string& from, const std::string& to, uint8_t protocol, const std::string& content) {
  std::string header(4, '\0');
  header[0] = '\x60';
  header += big_endian(static_cast<uint16_t>(content.size()));
  header += static_cast<char>(protocol);
  header += '\xff';
  return header + raw(from) + raw(to) + content;
}

std::string udp(uint16_t from, uint16_t to) {
  const std::string content = marker;
  return big_endian(from) + big_endian(to) + big_endian(static_cast<uint16_t>(8 + content.size())) +
         std::string(2, '\0') + content;
}

std::string tcp(uint16_t from, uint16_t to) {
  std::string header = big_endian(from) + big_endian(to) + std::string(16, '\0');
  header[12] = '\x50';
  return header + marker;
}

std::string icmp(uint8_t type, uint8_t code, const std::string& content) {
  return std::string{static_cast<char>(type), static_cast<char>(code)} + std::string(6, '\0') + content;
}

std::string arp(const std::string& sender_mac, const std::string& sender, const std::string& target) {
  return std::string("\x00\x01\x08\x00\x06\x04\x00\x02", 8) + mac(sender_mac) + raw(sender) + std::string(6, '\xff') +
         raw(target) + marker;
}

}  // namespace rescue::linux::lab
