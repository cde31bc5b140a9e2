// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/libvirt_guest_agent.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "tests/contract/hypervisor/hypervisor_world.hpp"
#include "tests/integration/libvirt/private_libvirt.hpp"

#include <csignal>

namespace rescue::tests {
namespace {

class LibvirtWorld final : public HypervisorWorld {
public:
  ~LibvirtWorld() override {
    for (const char* name : {"tiny", "short-lived"}) {
      if (const auto qemu = qemu_of(name)) ::kill(*qemu, SIGKILL);
    }
  }
  LibvirtWorld() = default;
  LibvirtWorld(const LibvirtWorld&) = delete;
  LibvirtWorld& operator=(const LibvirtWorld&) = delete;

  ports::Hypervisor& hypervisor() override { return hypervisor_; }
  ports::GuestAgent& agent() override { return agent_; }
  domain::GuestSpec guest() override { return tiny_guest("tiny"); }
  domain::GuestSpec impossible_guest() override {
    auto spec = guest();
    spec.tap = "rs-absent";
    spec.mac = net::Mac::parse("52:54:00:12:34:56");
    return spec;
  }
  void start_guest_that_powers_off(const std::string& name) override {
    static_cast<void>(hypervisor_.start(tiny_guest(name, Ending::power_off)));
  }
  void kill(const std::string& guest) override { ::kill(qemu_of(guest).value(), SIGKILL); }
  void lose_hypervisor() override { libvirt_.stop_libvirtd(); }
  void bring_hypervisor_back() override { libvirt_.start_libvirtd(); }

private:
  PrivateLibvirt libvirt_;
  std::shared_ptr<libvirt::Connection> connection_ = std::make_shared<libvirt::Connection>();
  libvirt::LibvirtHypervisor hypervisor_{connection_};
  libvirt::LibvirtGuestAgent agent_{connection_};
};

}  // namespace

WorldKind libvirt_world() {
  return {"Libvirt", []() -> std::optional<std::string> { return no_private_host(); },
          []() -> std::unique_ptr<HypervisorWorld> { return std::make_unique<LibvirtWorld>(); }};
}

}  // namespace rescue::tests
