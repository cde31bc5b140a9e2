// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/server.hpp"

#include "core/error.hpp"
#include "core/net/ip_address.hpp"
#include "netboot/domain/host_name.hpp"
#include "netboot/domain/placeholder.hpp"
#include "netboot/domain/uuid_number.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string canonical_address(const std::string& text) {
  const auto address = net::IpAddress::parse(text).unmapped();
  const bool is_broadcast = address == net::IpAddress::parse("255.255.255.255");
  if (!address.is_unspecified() && !address.is_multicast() && !is_broadcast) return address.text();
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the address of one machine", text),
              "Write the machine's own, such as 203.0.113.7 or 2001:db8::7.");
}

std::string canonical_host(const std::string& text) {
  if (net::IpAddress::try_parse(text)) return canonical_address(text);
  if (auto name = canonical_host_name(text)) return *std::move(name);
  throw Error(ErrorCode::usage, fmt::format("'{}' is neither an IP address nor the name of a host", text),
              "Write it as 192.0.2.20, 2001:db8::20 or bmc-01.example.net: letters, digits and '-' in labels of 63 "
              "characters at most, 253 in all.");
}

std::string canonical_uuid(const std::string& text) {
  constexpr auto hint = "Write it as dmidecode does: 4c4c4544-0042-3510-8056-b4c04f463132.";
  const auto number = UuidNumber::of(text);
  if (!number) throw Error(ErrorCode::usage, fmt::format("'{}' is not a UUID", text), hint);
  if (!is_placeholder_uuid(*number)) return number->text();
  throw Error(ErrorCode::usage, fmt::format("'{}' is a placeholder of boards without a UUID of their own", text),
              "Leave it out: such a server is known by its MAC addresses.");
}

std::string canonical_serial(const std::string& text) {
  constexpr std::size_t longest = 64;
  const bool fits = !text.empty() && text.size() <= longest && text.front() != ' ' && text.back() != ' ' &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!fits) {
    throw Error(ErrorCode::usage, "this is not a serial number",
                "Use 1 to 64 printable ASCII characters, without spaces around them.");
  }
  if (!is_placeholder_serial(text)) return text;
  throw Error(ErrorCode::usage, fmt::format("'{}' is a placeholder of firmware without a serial number", text),
              "Leave it out: such a server is known by its MAC addresses.");
}

std::string canonical_tag(const std::string& text) {
  constexpr std::size_t longest = 40;
  const auto is_allowed = [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  if (!text.empty() && text.size() <= longest && is_alphanumeric(text.front()) &&
      std::all_of(text.begin(), text.end(), is_allowed)) {
    return text;
  }
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a tag", text),
              "Use lower-case letters, digits, '.', '_' and '-', 40 characters at most, as in rack-12.");
}

std::string canonical_loader(std::string text) {
  constexpr std::size_t longest = 255;
  std::replace(text.begin(), text.end(), '/', '\\');
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\\' || c == '.' ||
           c == '_' || c == '-';
  };
  const bool fits = text.size() <= longest && text.starts_with('\\') && text.size() > 1 &&
                    std::all_of(text.begin(), text.end(), is_allowed);
  if (fits) return text;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the path of an EFI loader", text),
              R"(Write it as \EFI\Microsoft\Boot\bootmgfw.efi: letters, digits, '.', '_' and '-', no spaces.)");
}

}  // namespace rescue::netboot
