// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/local_dhcp.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/linux/network/namespace.hpp"
#include "orchestrator/linux/network/netlink.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

namespace rescue::linux {
namespace {

constexpr Milliseconds patience{2000};

net::IpAddress netmask_of(unsigned prefix) {
  return net::Prefix(net::IpAddress::parse("255.255.255.255"), prefix).network().address();
}

std::vector<net::IpAddress> dns_v4(const domain::NetworkSnapshot& original) {
  std::vector<net::IpAddress> servers;
  std::copy_if(original.dns_servers.begin(), original.dns_servers.end(), std::back_inserter(servers),
               [](const auto& server) { return server.is_v4(); });
  return servers;
}

/// A gateway outside the prefix (usually a /32) is reachable only by an on-link route: option 121.
bool is_beyond_prefix(const domain::InterfaceAddress& address, const net::IpAddress& gateway) {
  return !net::Prefix(address.address, address.prefix).contains(gateway);
}

/// The arguments of a process; empty when it has ended or is a zombie.
std::vector<std::string> arguments_of(pid_t pid) {
  std::vector<std::string> arguments;
  const auto text = [&]() -> std::string {
    try {
      return read_file_if_exists(fmt::format("/proc/{}/cmdline", pid)).value_or("");
    } catch (const Error&) {
      return {};  // ended between open and read
    }
  }();
  for (std::size_t at = 0; at < text.size();) {
    arguments.emplace_back(text.c_str() + at);
    at += arguments.back().size() + 1;
  }
  return arguments;
}

bool is_in_namespace(pid_t pid, const char* path) {
  struct stat of_process {};
  struct stat of_path {};
  return ::stat(fmt::format("/proc/{}/ns/net", pid).c_str(), &of_process) == 0 && ::stat(path, &of_path) == 0 &&
         of_process.st_ino == of_path.st_ino;
}

bool ends_within(int process, Milliseconds limit) {
  pollfd wait{process, POLLIN, 0};
  return ::poll(&wait, 1, static_cast<int>(limit.count())) > 0;
}

void end(pid_t pid) {
  const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return;  // gone already
  for (const int signal : {SIGTERM, SIGKILL}) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
    if (ends_within(process.get(), patience)) return;
  }
  throw Error(ErrorCode::network, fmt::format("dnsmasq (pid {}) does not end", pid));
}

}  // namespace

std::vector<std::string> local_dhcp_arguments(const domain::NetworkSnapshot& original, const std::string& pid_file) {
  const auto* address = original.primary_v4();
  if (address == nullptr) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no IPv4 address to hand to the guest", original.nic),
                "On an IPv6-only server let the provider's router announce the address (guest addressing: provider).");
  }
  const auto* route = original.default_route_v4();
  if (route != nullptr && route->gateway && !original.gateway_v4()) {
    throw Error(
        ErrorCode::precondition,
        fmt::format("the gateway of the IPv4 default route is {}, which DHCP can't hand to the guest", *route->gateway),
        "Let the provider's DHCP server announce it (network.addressing: provider).");
  }
  const auto netmask = netmask_of(address->prefix);
  std::vector<std::string> arguments = {
      "dnsmasq", "--conf-file=/dev/null", "--pid-file=" + pid_file, "--user=nobody", "--group=nogroup", "--port=0",
      fmt::format("--interface={}", probe_link), "--except-interface=lo", "--bind-interfaces", "--leasefile-ro",
      "--no-ping", "--dhcp-authoritative",
      // A unicast answer makes dnsmasq rewrite our neighbour entry, which then expires: the probe finds no host.
      "--dhcp-broadcast", fmt::format("--shared-network={},{}", probe_link, address->address),
      fmt::format("--dhcp-range={},static,{}", address->address, netmask),
      fmt::format("--dhcp-host={},{},infinite", original.mac, address->address),
      fmt::format("--dhcp-option=option:netmask,{}", netmask),
      fmt::format("--dhcp-option-force=option:mtu,{}", original.mtu)};
  const auto gateway = original.gateway_v4();
  // An empty value removes the option; without it dnsmasq would announce itself as the router.
  arguments.push_back(gateway ? fmt::format("--dhcp-option-force=option:router,{}", *gateway)
                              : "--dhcp-option=option:router");
  if (gateway && is_beyond_prefix(*address, *gateway)) {
    arguments.push_back(fmt::format("--dhcp-option-force=121,{0}/32,0.0.0.0,0.0.0.0/0,{0}", *gateway));
  }
  const auto servers = dns_v4(original);
  if (!servers.empty()) {
    arguments.push_back(fmt::format("--dhcp-option-force=option:dns-server,{}", fmt::join(servers, ",")));
  }
  return arguments;
}

LocalDhcp::LocalDhcp(std::string runtime_directory)
    : runtime_directory_(std::move(runtime_directory)), pid_file_(runtime_directory_ + "/local-dhcp.pid") {}

std::optional<pid_t> LocalDhcp::running() const {
  const auto text = read_file_if_exists(pid_file_);
  if (!text) return std::nullopt;
  pid_t pid = 0;
  if (std::from_chars(text->data(), text->data() + text->size(), pid).ec != std::errc{} || pid <= 1) {
    return std::nullopt;
  }
  const auto arguments = arguments_of(pid);
  const bool ours = std::find(arguments.begin(), arguments.end(), "--pid-file=" + pid_file_) != arguments.end();
  return ours ? std::optional(pid) : std::nullopt;
}

void LocalDhcp::serve(const domain::NetworkSnapshot& original) {
  const auto arguments = local_dhcp_arguments(original, pid_file_);
  if (const auto pid = running()) {
    if (arguments_of(*pid) == arguments && is_in_namespace(*pid, probe_namespace)) return;
  }
  stop();
  make_folder(runtime_directory_, 0755);
  try {
    Command command;
    command.argv = arguments;
    command.time_limit = Milliseconds(10'000);
    run_in_namespace(probe_namespace, [&] { run_checked(command); });
  } catch (const Error& error) {
    std::throw_with_nested(Error(ErrorCode::network, "cannot start the guest's local DHCP server",
                                 error.hint().empty() ? "Install dnsmasq-base." : error.hint()));
  }
}

void LocalDhcp::stop() {
  if (const auto pid = running()) end(*pid);
  if (::unlink(pid_file_.c_str()) != 0 && errno != ENOENT) {
    throw Error(ErrorCode::network, fmt::format("cannot remove {}: {}", pid_file_, std::strerror(errno)));
  }
}

}  // namespace rescue::linux
