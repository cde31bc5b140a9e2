// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/resolve.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using AddressList = Handle<addrinfo, ::freeaddrinfo>;

/// The addresses, or getaddrinfo's error.
std::pair<AddressList, int> look_up(const std::string& host, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  return {AddressList(error == 0 ? found : nullptr), error};
}

/// IPv4 in IPv6 as IPv4; none for another family.
std::optional<net::IpAddress> address_of(const addrinfo& found) {
  const auto address = net::IpAddress::of_socket(found.ai_addr);
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

}  // namespace

std::string host_of_url(const std::string& url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return {};
  auto authority = url.substr(scheme_end + 3);
  authority.erase(std::min(authority.find_first_of("/?#"), authority.size()));
  if (const auto user_end = authority.rfind('@'); user_end != std::string::npos) authority.erase(0, user_end + 1);
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  authority.erase(std::min(authority.find(':'), authority.size()));
  return authority;
}

std::vector<net::IpAddress> addresses_of_host(const std::string& host) {
  const auto [list, error] = look_up(host, 0);
  if (error != 0) {
    throw Error(ErrorCode::network, fmt::format("the name '{}' can't be resolved: {}", host, ::gai_strerror(error)),
                "Its addresses are needed before the takeover, to block them for the guest. Check the name and "
                "/etc/resolv.conf, or use an address instead.");
  }
  std::vector<net::IpAddress> addresses;
  for (const auto* one = list.get(); one != nullptr; one = one->ai_next) {
    const auto address = address_of(*one);
    if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

std::optional<net::IpAddress> address_in_any_form(const std::string& text) {
  // Drops the zone: an interface with that name may be missing here.
  const auto [list, error] = look_up(text.substr(0, text.find('%')), AI_NUMERICHOST);
  return error == 0 ? address_of(*list.get()) : std::nullopt;
}

}  // namespace rescue::linux
