// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/hypervisor/hypervisor_world.hpp"
#include "tests/doubles/fake_guest_agent.hpp"
#include "tests/doubles/fake_hypervisor.hpp"

namespace rescue::tests {
namespace {

class FakeWorld final : public HypervisorWorld {
public:
  FakeWorld() {
    agent_.never_answers = true;
    hypervisor_.obeys_agent = false;
    hypervisor_.obeys_acpi = false;
  }
  ports::Hypervisor& hypervisor() override { return hypervisor_; }
  ports::GuestAgent& agent() override { return agent_; }
  domain::GuestSpec guest() override {
    domain::GuestSpec spec;
    spec.name = "tiny";
    return spec;
  }
  domain::GuestSpec impossible_guest() override {
    hypervisor_.start_failure = Error(ErrorCode::hypervisor, "the tap does not exist");
    return guest();
  }
  void start_guest_that_powers_off(const std::string& name) override {
    auto spec = guest();
    spec.name = name;
    static_cast<void>(hypervisor_.start(spec));
    hypervisor_.shut_down_from_inside(name);
  }
  void kill(const std::string& guest) override { hypervisor_.crash(guest); }
  void lose_hypervisor() override { hypervisor_.lose(); }
  void bring_hypervisor_back() override { hypervisor_.come_back(); }

private:
  FakeHypervisor hypervisor_;
  FakeGuestAgent agent_{hypervisor_};
};

}  // namespace

WorldKind fake_world() {
  return {"Fake", []() -> std::optional<std::string> { return std::nullopt; },
          []() -> std::unique_ptr<HypervisorWorld> { return std::make_unique<FakeWorld>(); }};
}

}  // namespace rescue::tests
