// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/credentials_proof.hpp"
#include "orchestrator/session/plan.hpp"
#include "orchestrator/session/request.hpp"
#include "orchestrator/session/steps.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::session {
namespace {

using domain::StepName;

/// A firmware or BMC that does not answer keeps nobody from being rescued: it is said, and then left alone.
void remember_boot_layers(SessionContext& context) {
  auto& record = context.record;
  record.boot_snapshots.clear();
  for (auto* layer : context.ports.boot_layers) {
    try {
      record.boot_snapshots.push_back({layer->layer(), layer->snapshot(), false});
    } catch (const Error& error) {
      record.boot_snapshots.push_back({layer->layer(), {}, true});
      record.warnings.push_back(
          fmt::format("{} does not answer, and is not set back afterwards: {}", layer->layer(), error.what()));
      log::warning("{}", record.warnings.back());
    }
  }
}

/// Just after the host's start, KVM's module may not be loaded yet, and a disk not be there.
void wait_for_devices(SessionContext& context) {
  constexpr Milliseconds limit{60'000};
  context.wait_for("the host's devices");
  if (context.ports.host.wait_for_devices(limit)) return;
  context.record.warnings.push_back(
      "the host was still setting up devices after a minute: a disk may be missing (`rescuectl disks`)");
  log::warning("preflight: {}", context.record.warnings.back());
}

void preflight(SessionContext& context) {
  wait_for_devices(context);
  remember_boot_layers(context);
  const auto checks = run_checks(context.ports, context.settings, context.record, context.stop);
  for (const auto& one : checks) {
    if (one.verdict != Verdict::warning) continue;
    context.record.warnings.push_back(one.name + ": " + one.detail);
    log::warning("preflight: {}: {}", one.name, one.detail);
  }
  require_passed(checks);
}

void inventory(SessionContext& context) {
  context.record.plan = make_plan(context.ports, context.settings);
  require_image(context.record.request, context.plan().image);
  const auto& plan = context.plan();
  context.note(StepName::inventory,
               fmt::format("{} disk{}, {} on {}", plan.guest.disks.size(), plan.guest.disks.size() == 1 ? "" : "s",
                           primary_address(plan.network.original), plan.network.original.nic));
}

void fetch_image(SessionContext& context) {
  const auto image = context.ports.images.fetch(context.wait_for, context.stop);
  if (image != context.plan().image) {
    throw Error(ErrorCode::conflict, "the image was replaced while the session was being planned", "Start again.");
  }
  context.note(StepName::fetch_image, image.name + " " + image.version);
}

void claim_disks(SessionContext& context) {
  hold_disks(context.ports, context.record);
  const auto& plan = context.plan();
  context.note(StepName::claim_disks,
               fmt::format("{} held, {} left out", plan.guest.disks.size(), plan.excluded_disks.size()));
}

/// The switch, guarded by a dead man: a host that lost its control plane by it goes back at once.
void take_network(SessionContext& context) {
  context.ports.network.take_over(context.plan().network);
  if (context.ports.control_plane.name().empty()) return;
  constexpr Milliseconds limit{15'000};
  try {
    require_control_plane(context.ports, limit, context.stop);
  } catch (const Error&) {
    std::throw_with_nested(Error(ErrorCode::network, "the control plane can't be reached any more after the takeover",
                                 "Is network.control_ports filtered between the server and the control plane?"));
  }
}

void start_guest(SessionContext& context) {
  auto& guest = context.plan().guest;
  // Some time has passed: what is held must still be what was found.
  context.ports.claims.claim(guest.disks);
  context.ports.images.create_overlay(context.plan().image, guest.system_disk);
  guest.accelerator = context.ports.hypervisor.start(guest);
  context.note(StepName::start_guest,
               fmt::format("{}, {} vCPUs, {} MiB", name_of(guest.accelerator), guest.vcpus, guest.memory_mib));
}

void set_hostname(SessionContext& context) {
  auto argv = context.plan().guest.profile.set_hostname;
  if (argv.empty() || context.settings.guest_hostname.empty()) return;
  for (auto& argument : argv) {
    const std::string placeholder = "{hostname}";
    if (const auto at = argument.find(placeholder); at != std::string::npos) {
      argument.replace(at, placeholder.size(), context.settings.guest_hostname);
    }
  }
  try {
    const auto result =
        context.ports.agent.run(context.plan().guest.name, argv, context.settings.deadlines.provisioning);
    if (result.exit_code == 0) return;
    context.record.warnings.push_back(fmt::format("the guest's hostname was not set: {}", result.output));
  } catch (const Error& error) {
    // A wrong hostname keeps nobody out; the session goes on, and status says it.
    context.record.warnings.push_back(fmt::format("the guest's hostname was not set: {}", error.what()));
  }
  log::warning("{}", context.record.warnings.back());
}

void provision_guest(SessionContext& context) {
  const auto& guest = context.plan().guest;
  context.wait_for("the guest agent");
  context.ports.agent.wait_until_ready(guest.name, context.settings.deadlines.guest_agent, context.stop);
  context.wait_for("the guest agent to set the password");
  context.password = credentials::generate_password(context.settings.password);
  context.ports.agent.set_password(guest.name, guest.profile.administrator, *context.password);
  set_hostname(context);
}

void verify_access(SessionContext& context) {
  context.record.connection = prove_access(context, context.password.value());
  context.note(StepName::verify_access,
               fmt::format("ssh: logged in; rdp: {}", name_of(context.record.connection->rdp_proof)));
}

void announce(SessionContext& context) {
  const auto to = tell(context, context.password.value());
  context.password.reset();
  if (to.empty()) {
    context.note(StepName::announce, "nobody was waiting: `rescuectl credentials rotate` gives new ones");
    return;
  }
  context.record.announced = domain::Announcement{context.ports.clock.wall(), to};
  context.note(StepName::announce, "to " + to);
}

constexpr std::array<Step, 9> steps{{{StepName::preflight, preflight},
                                     {StepName::inventory, inventory},
                                     {StepName::fetch_image, fetch_image},
                                     {StepName::claim_disks, claim_disks},
                                     {StepName::take_network, take_network},
                                     {StepName::start_guest, start_guest},
                                     {StepName::provision_guest, provision_guest},
                                     {StepName::verify_access, verify_access},
                                     {StepName::announce, announce}}};

}  // namespace

std::span<const Step> way_in() { return steps; }

void forget_warnings(domain::SessionRecord& record, std::string_view beginning) {
  std::erase_if(record.warnings, [&](const std::string& warning) { return warning.starts_with(beginning); });
}

std::string tell(SessionContext& context, const Secret& password) {
  auto& record = context.record;
  forget_warnings(record, not_delivered);
  context.wait_for("somebody to take the credentials");
  const auto& key = record.request ? record.request->requester_public_key : std::string{};
  const auto told = context.ports.announcer.announce(record.connection.value(), password, key,
                                                     context.settings.deadlines.announcement, context.stop);
  if (!told.problem.empty()) {
    record.warnings.push_back(fmt::format(
        "{}: {}; it is tried again, and `rescuectl credentials rotate` gives new ones", not_delivered, told.problem));
    log::warning("{}", record.warnings.back());
  }
  return told.to;
}

}  // namespace rescue::session
