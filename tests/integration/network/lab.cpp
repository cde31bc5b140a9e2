// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/network/lab.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/linux/network/local_dhcp.hpp"
#include "orchestrator/linux/network/namespace.hpp"
#include "orchestrator/linux/network/tap.hpp"
#include "tests/doubles/wait_until.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace rescue::linux::lab {

std::string run_program(const std::vector<std::string>& argv, const std::string& input) {
  Command command;
  command.argv = argv;
  command.input = input;
  const auto done = run(command);
  EXPECT_EQ(done.status, 0) << fmt::format("{}", fmt::join(argv, " ")) << "\n" << done.err;
  return done.out;
}

std::string path_of(const std::string& space) { return space.empty() ? "" : "/run/netns/" + space; }

void ip_batch(const std::string& space, const std::string& lines) {
  std::vector<std::string> argv = {"ip"};
  if (!space.empty()) argv.insert(argv.end(), {"-n", space});
  argv.insert(argv.end(), {"-batch", "-"});
  run_program(argv, lines);
}

void inside(const std::string& space, const std::function<void()>& work) {
  if (space.empty()) return work();
  run_in_namespace(path_of(space), work);
}

Pump::Pump(FileDescriptor tap, FileDescriptor card)
    : tap_(std::move(tap)), card_(std::move(card)), stop_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { run(); }) {}

Pump::~Pump() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Pump::run() {
  const auto carry = [](const FileDescriptor& from, const FileDescriptor& to) {
    std::array<char, 70'000> frame{};
    for (ssize_t size = 0; (size = ::read(from.get(), frame.data(), frame.size())) > 0;) {
      if (::write(to.get(), frame.data(), static_cast<std::size_t>(size)) < 0) continue;  // a full queue drops
    }
  };
  for (;;) {
    pollfd waits[] = {{tap_.get(), POLLIN, 0}, {card_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(waits, 3, -1) < 0) continue;
    if (waits[2].revents != 0) return;
    carry(tap_, card_);
    carry(card_, tap_);
  }
}

void NetworkLab::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "network namespaces need root";
  outer_network_ = FileDescriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  outer_mounts_ = FileDescriptor(::open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC));
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    GTEST_SKIP() << "no private namespaces for network and mounts: " << std::strerror(errno);
  }
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(::mount("lab", "/run", "tmpfs", 0, "mode=0755"), 0);
  for (const char* space : {"router", "customer", "guest"}) add_namespace(path_of(space));
}

void NetworkLab::TearDown() {
  unplug_guest();
  if (!outer_mounts_) return;
  LocalDhcp(runtime_directory).stop();
  end_provider_dhcp();
  ::umount2("/run", MNT_DETACH);
  ::setns(outer_mounts_.get(), CLONE_NEWNS);
  ::setns(outer_network_.get(), CLONE_NEWNET);
}

void set_setting(const std::string& space, const std::string& path, const std::string& value) {
  inside(space, [&] {
    const FileDescriptor file(::open(("/proc/sys/net/" + path).c_str(), O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::write(file.get(), value.data(), value.size()), static_cast<ssize_t>(value.size())) << path;
  });
}

void NetworkLab::build_datacentre() {
  // Avoids a wait of a second until an address may be used. The server keeps a fast duplicate detection: tests check
  // that the takeover keeps such settings.
  for (const char* space : {"router", "customer", "guest"}) set_setting(space, "ipv6/conf/default/accept_dad", "0");
  set_setting("", "ipv6/conf/default/dad_transmits", "0");
  set_setting("", "ipv6/conf/default/router_solicitation_delay", "0");
  ip_batch("", fmt::format("link set lo up\n"
                           "link add nic0 address {} type veth peer name wire netns router\n",
                           server_mac));
  ip_batch("router", "link add lan type veth peer name eth0 netns customer\n"
                     "link set lo up\nlink set wire up\nlink set lan up\n"
                     "address add 203.0.113.1/24 dev wire\n"
                     "address add 2001:db8::1/64 dev wire nodad\n"
                     "address add 198.51.100.1/24 dev lan\n"
                     "address add 2001:db8:c::1/64 dev lan nodad\n");
  set_setting("router", "ipv4/ip_forward", "1");
  set_setting("router", "ipv6/conf/all/forwarding", "1");
  ip_batch("customer", "link set lo up\nlink set eth0 up\n"
                       "address add 198.51.100.9/24 dev eth0\naddress add 2001:db8:c::9/64 dev eth0 nodad\n"
                       "route add default via 198.51.100.1\nroute add default via 2001:db8:c::1\n");
}

void NetworkLab::build_server() {
  build_datacentre();
  ip_batch("", "link set nic0 up\n"
               "address add 203.0.113.7/24 brd + dev nic0\n"
               "address add 2001:db8::7/64 dev nic0 nodad\n"
               "route add default via 203.0.113.1 dev nic0 proto dhcp src 203.0.113.7 metric 1024 mtu 1400\n"
               "route add 10.11.0.0/16 via 203.0.113.254 dev nic0\n"
               "route add default via 203.0.113.1 dev nic0 table 77\n"
               "route add default via 2001:db8::1 dev nic0 metric 512\n");
  wait_for_addresses();
}

void NetworkLab::build_server_with_on_link_gateway() {
  build_datacentre();
  ip_batch("", "link set nic0 up\n"
               "address add 203.0.113.7/32 dev nic0\n"
               "route add 203.0.113.1/32 dev nic0 scope link\n"
               "route add default via 203.0.113.1 dev nic0\n");
  wait_for_addresses();
}

void wait_for_link(const std::string& link, const std::string& words) {
  const auto says_so = [&] {
    return run_program({"ip", "-details", "link", "show", "dev", link}).find(words) != std::string::npos;
  };
  if (!tests::wait_until(says_so)) FAIL() << link << " never became " << words;
}

/// Waits until the link has a link-local address after duplicate detection.
void NetworkLab::wait_for_addresses(const std::string& nic) {
  const auto has_them = [&] {
    const auto list = run_program({"ip", "-6", "address", "show", "dev", nic});
    return list.find("fe80::") != std::string::npos && list.find("tentative") == std::string::npos;
  };
  if (!tests::wait_until(has_them, Milliseconds(10'000))) FAIL() << nic << " has no link-local address";
}

domain::TakeoverPlan NetworkLab::plan(domain::GuestAddressing addressing) {
  domain::TakeoverPlan made;
  made.original = network.survey("auto");
  made.addressing = addressing;
  made.bridge_mac = net::Mac::parse("0a:00:00:00:00:01");
  made.probe_mac = net::Mac::parse("0a:00:00:00:00:02");
  return made;
}

void NetworkLab::take_over(const domain::TakeoverPlan& plan) {
  try {
    network.take_over(plan);
  } catch (const std::exception& error) {
    FAIL() << report_of(error).one_line();
  }
}

void NetworkLab::plug_guest(const domain::TakeoverPlan& plan) {
  auto tap = open_tap_queue(plan.tap, plan.tap_queues);
  FileDescriptor card;
  inside("guest", [&] { card = open_tap_queue("eth0", 1); });
  ip_batch("guest", fmt::format("link set lo up\nlink set eth0 address {} up\n", plan.original.mac));
  pump_ = std::make_unique<Pump>(std::move(tap), std::move(card));
}

void NetworkLab::unplug_guest() { pump_.reset(); }

void NetworkLab::configure_guest() {
  ip_batch("guest", "address add 203.0.113.7/24 dev eth0\naddress add 2001:db8::7/64 dev eth0 nodad\n"
                    "route add default via 203.0.113.1\nroute add default via 2001:db8::1\n");
}

void NetworkLab::configure_guest_with_on_link_gateway() {
  ip_batch("guest", "address add 203.0.113.7/32 dev eth0\nroute add 203.0.113.1/32 dev eth0 scope link\n"
                    "route add default via 203.0.113.1 dev eth0\n");
}

constexpr const char* provider_pid_file = "/run/provider-dhcp.pid";

void NetworkLab::start_provider_dhcp() {
  inside("router", [] {
    run_program({"dnsmasq", "--conf-file=/dev/null", std::string("--pid-file=") + provider_pid_file, "--user=root",
                 "--port=0", "--interface=wire", "--bind-interfaces", "--leasefile-ro", "--no-ping",
                 "--dhcp-authoritative", "--dhcp-broadcast", "--dhcp-range=203.0.113.7,203.0.113.7,255.255.255.0",
                 fmt::format("--dhcp-host={},203.0.113.7,2m", server_mac)});
  });
}

void NetworkLab::end_provider_dhcp() {
  const auto pid = read_file_if_exists(provider_pid_file);
  if (pid) ::kill(std::stoi(*pid), SIGKILL);
}

void NetworkLab::expect_refusal(const std::string& nic, const std::string& words) {
  try {
    const auto found = network.survey(nic);
    ADD_FAILURE() << "it took " << found.nic;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint().empty()) << error.what();
  }
}

}  // namespace rescue::linux::lab
