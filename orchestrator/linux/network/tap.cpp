// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/tap.hpp"

#include "core/error.hpp"
#include "orchestrator/linux/network/links.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace rescue::linux {

FileDescriptor open_tap_queue(const std::string& name, unsigned queues) {
  FileDescriptor tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!tun) {
    throw Error(ErrorCode::network, fmt::format("cannot open /dev/net/tun: {}", std::strerror(errno)),
                "Load the kernel module tun.");
  }
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name) {
    throw Error(ErrorCode::network, fmt::format("the link name '{}' is too long", name));
  }
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (queues > 1 ? IFF_MULTI_QUEUE : 0));
  if (::ioctl(tun.get(), TUNSETIFF, &request) != 0) {
    throw Error(ErrorCode::network, fmt::format("cannot open the tap {}: {}", name, std::strerror(errno)),
                errno == EBUSY || errno == EINVAL ? "Is another program's tap of that name in the way?" : "");
  }
  return tun;
}

void add_tap(Netlink& netlink, const std::string& name, unsigned queues) {
  const auto tun = open_tap_queue(name, queues);
  // Set before the tap is persistent: a tap that outlives us is marked as ours.
  change_link(netlink, link_named(netlink, name), {.group = link_group});
  if (::ioctl(tun.get(), TUNSETPERSIST, 1) != 0) {
    throw Error(ErrorCode::network, fmt::format("cannot keep the tap {}: {}", name, std::strerror(errno)));
  }
}

}  // namespace rescue::linux
