// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/server.hpp"

#include "core/error.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rescue::netboot {

std::string_view name_of(Firmware firmware) noexcept { return firmware == Firmware::bios ? "bios" : "uefi"; }

std::string canonical_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> canonical{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), bytes.data()) != 1) continue;
    if (::inet_ntop(family, bytes.data(), canonical.data(), canonical.size()) != nullptr) return canonical.data();
  }
  throw Error(ErrorCode::usage, fmt::format("'{}' is not an IP address", text),
              "Write it as 203.0.113.7 or 2001:db8::7, without a prefix length.");
}

std::string canonical_host(const std::string& text) {
  try {
    return canonical_address(text);
  } catch (const Error&) {
    // Names of hosts follow the rules of servers' names; what does not could be an option to a program.
    return ServerName::parse(text).text();
  }
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
