// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A data centre of network namespaces: the server (where the test runs), its router, a customer behind it, and a guest
// at the server's tap, as QEMU would be. All of it ends with the process.

#include "core/handle.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/linux_host_network.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rescue::linux::lab {

using Json = nlohmann::json;

inline constexpr const char* server_mac = "52:54:00:12:34:56";
inline constexpr const char* server_v4 = "203.0.113.7";
inline constexpr const char* second_v4 = "203.0.113.8";
inline constexpr const char* router_v4 = "203.0.113.1";
inline constexpr const char* customer_v4 = "198.51.100.9";
inline constexpr const char* server_v6 = "2001:db8::7";
inline constexpr const char* router_v6 = "2001:db8::1";
inline constexpr const char* customer_v6 = "2001:db8:c::9";
inline constexpr const char* runtime_directory = "/run/rescue";

[[nodiscard]] inline net::IpAddress ip_address(std::string_view text) { return net::IpAddress::parse(text); }

/// Runs a program and returns its output. Its failure fails the test.
std::string run_program(const std::vector<std::string>& argv, const std::string& input = {});
/// Runs `ip -batch` in a namespace (empty: the server's).
void ip_batch(const std::string& space, const std::string& lines);
[[nodiscard]] std::string path_of(const std::string& space);
/// A setting under /proc/sys/net of the namespace.
void set_setting(const std::string& space, const std::string& path, const std::string& value);
/// Runs in the namespace's own thread.
void inside(const std::string& space, const std::function<void()>& work);

/// Carries frames unchanged between the server's tap and the guest's NIC, in two queues.
class Pump {
public:
  Pump(FileDescriptor tap, FileDescriptor card);
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

private:
  void run();
  FileDescriptor tap_;
  FileDescriptor card_;
  FileDescriptor stop_;
  std::thread thread_;
};

/// The fixture: private namespaces for network and mounts, and a private /run, all removed at the end.
class NetworkLab : public ::testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  /// The usual server: /24 with a gateway inside, IPv6 with a /64.
  void build_server();
  /// A server with a /32 and a gateway that is on-link by a route only.
  void build_server_with_on_link_gateway();
  void build_datacentre();

  [[nodiscard]] domain::TakeoverPlan plan(domain::GuestAddressing addressing = domain::GuestAddressing::local_dhcp);

  /// Like the port's, with the whole chain of causes in the test's output.
  void take_over(const domain::TakeoverPlan& plan);

  /// Plugs a guest with the server's MAC into the tap; without addresses.
  void plug_guest(const domain::TakeoverPlan& plan);
  void unplug_guest();
  /// Gives the guest the server's addresses by hand.
  void configure_guest();
  void configure_guest_with_on_link_gateway();

  /// The provider's DHCP server, on the router: dnsmasq with a lease for the server's MAC.
  void start_provider_dhcp();

  /// Waits until the link has its link-local address, and no address is tentative.
  static void wait_for_addresses(const std::string& nic = "nic0");

  /// Expects that a survey of this NIC fails as a precondition, with these words and a hint.
  void expect_refusal(const std::string& nic, const std::string& words);

  LinuxHostNetwork network{runtime_directory};

private:
  static void end_provider_dhcp();
  FileDescriptor outer_network_;
  FileDescriptor outer_mounts_;
  std::unique_ptr<Pump> pump_;
};

/// Waits until `ip -details link show` has the text: a carrier changes soon after its cause, a partner after seconds.
void wait_for_link(const std::string& link, const std::string& words);

/// All state of this namespace that a takeover could change, without lifetimes and counters.
[[nodiscard]] std::string state_of_server();
/// The same state once the kernel's workers are done: they add an IPv6 address's local route a moment later.
[[nodiscard]] std::string settled_state_of_server();
/// Differing lines of `before` and the current state, after up to a second for the kernel's workers (duplicate
/// detection takes longer, and would show). Empty: no difference.
[[nodiscard]] std::string difference_that_stays(const std::string& before);

// ---- TCP between namespaces

[[nodiscard]] FileDescriptor listen_in(const std::string& space, const std::string& address, unsigned port);
/// A connection from `space`; fails the test if there is none.
[[nodiscard]] FileDescriptor connect_from(const std::string& space, const std::string& address, unsigned port);
/// The connection that arrived at `listener` within a second; invalid: none.
[[nodiscard]] FileDescriptor accept_from(const FileDescriptor& listener);
/// True when a connection from `space` arrives at `listener` and carries bytes both ways.
[[nodiscard]] bool reaches(const std::string& space, const std::string& address, unsigned port,
                           const FileDescriptor& listener);
/// True when bytes pass both ways within two seconds.
[[nodiscard]] bool carries(const FileDescriptor& one, const FileDescriptor& other);

// ---- frames

/// A packet socket on `link` in `space`, for all frames there.
[[nodiscard]] FileDescriptor packet_socket(const std::string& space, const std::string& link);
/// Frames that arrive there until `quiet` milliseconds pass without one.
[[nodiscard]] std::vector<std::string> frames_at(const FileDescriptor& socket, int quiet = 150);
void send_frame(const FileDescriptor& socket, const std::string& bytes);

}  // namespace rescue::linux::lab
