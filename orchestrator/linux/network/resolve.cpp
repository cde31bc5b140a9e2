// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/resolve.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using AddressList = Handle<addrinfo, ::freeaddrinfo>;

/// The list, or getaddrinfo's word for why not.
std::pair<AddressList, int> look_up(const std::string& host, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  return {AddressList(error == 0 ? found : nullptr), error};
}

std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      ::inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &v6, text, sizeof text);
    }
  }
  return text;
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

std::vector<std::string> addresses_of_host(const std::string& host) {
  const auto [list, error] = look_up(host, 0);
  if (error != 0) {
    throw Error(ErrorCode::network, fmt::format("the name '{}' can't be resolved: {}", host, ::gai_strerror(error)),
                "It must be known before the network is taken over, so that the guest is kept from it. Is the name "
                "right, and /etc/resolv.conf? An address in its place needs no resolver.");
  }
  std::vector<std::string> addresses;
  for (const auto* one = list.get(); one != nullptr; one = one->ai_next) {
    auto text = text_of(one->ai_addr);
    if (!text.empty() && std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
      addresses.push_back(std::move(text));
    }
  }
  return addresses;
}

std::string canonical_address(const std::string& text) {
  // Without a zone: an interface of that name need not be here.
  const auto [list, error] = look_up(text.substr(0, text.find('%')), AI_NUMERICHOST);
  return error == 0 ? text_of(list->ai_addr) : std::string();
}

}  // namespace rescue::linux
