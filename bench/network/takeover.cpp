// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The takeover of a NIC as rescued does it, without the rest of a session, for bench/network/run.
#include "core/error.hpp"
#include "core/program.hpp"
#include "orchestrator/linux/network/linux_host_network.hpp"

#include <fmt/format.h>

#include <string_view>

namespace rescue {
namespace {

int run(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: bench_takeover NIC RUNTIME-FOLDER   (in a network namespace of its own)\n");
    return exit_code_of(ErrorCode::usage);
  }
  linux::LinuxHostNetwork network(argv[2]);
  domain::TakeoverPlan plan;
  plan.original = network.survey(argv[1]);
  plan.bridge_mac = net::Mac::parse("0a:00:00:00:00:01");
  plan.probe_mac = net::Mac::parse("0a:00:00:00:00:02");
  // Without dnsmasq: the guest has a static address.
  plan.addressing = domain::GuestAddressing::provider_dhcp;
  network.take_over(plan);
  return 0;
}

}  // namespace
}  // namespace rescue

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &rescue::run); }
