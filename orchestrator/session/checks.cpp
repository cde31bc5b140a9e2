// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/checks.hpp"

#include "core/log.hpp"
#include "orchestrator/session/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

/// Runs one check; an error of a port fails it, with the port's own hint.
template <class Body>
Check check(std::string name, Body body) {
  Check result;
  result.name = std::move(name);
  try {
    body(result);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    result.verdict = Verdict::failed;
    result.detail = report.one_line();
    result.remedy = report.hint;
    result.code = report.code;
  }
  return result;
}

void check_memory(Ports& ports, const domain::SessionSettings& settings, Check& result) {
  const auto host = ports.host.facts();
  domain::RescueImage image;
  try {
    image = ports.images.inspect();
  } catch (const Error&) {
    // The check of the image reports it.
  }
  const auto memory = plan_memory(ports, settings, image);
  result.detail = text_of(memory);
  require_memory(image, memory.guest_mib);
  if (host.memory_mib >= settings.minimum_memory_mib) return;
  throw Error(
      ErrorCode::precondition,
      fmt::format("the server has {} MiB of memory, {} MiB are required", host.memory_mib, settings.minimum_memory_mib),
      "Lower memory.minimum_mib in the configuration if the image runs with less.");
}

void check_accelerator(Ports& ports, const domain::SessionSettings& settings, Check& result) {
  const auto facts = ports.hypervisor.facts();
  if (facts.accelerator != domain::Accelerator::tcg) {
    result.detail = std::string(name_of(facts.accelerator));
    if (facts.kvm_problem.empty()) return;
    result.verdict = Verdict::warning;
    result.detail += ", but " + facts.kvm_problem;
    result.remedy = "chgrp kvm /dev/kvm && chmod 0660 /dev/kvm, and a udev rule for it.";
    return;
  }
  if (!settings.allow_tcg) {
    throw Error(ErrorCode::precondition, "KVM does not work: " + facts.accelerator_reason,
                "Turn on VT-x or AMD-V in the firmware, or set guest.allow_tcg: true to run without (slowly).");
  }
  result.verdict = Verdict::warning;
  result.detail = "KVM does not work, the guest will be slow: " + facts.accelerator_reason;
  if (!facts.kvm_problem.empty()) result.detail += "; and " + facts.kvm_problem;
  result.remedy = "Turn on VT-x or AMD-V in the firmware.";
}

/// In a session the address is on the control link and the NIC is a port of the bridge: shows the plan's data.
void check_nic(Ports& ports, const domain::SessionSettings& settings, const domain::SessionRecord& record,
               Check& result) {
  const bool taken =
      record.active() && record.plan.has_value() && record.may_be_in_effect(domain::StepName::take_network);
  const auto plan =
      taken ? record.plan->network : plan_takeover(ports, settings, guest_vcpus(ports.host.facts(), settings));
  const auto& network = plan.original;
  result.detail = fmt::format("{} {} {}", network.nic, network.mac, primary_address(network));
  if (taken) {
    result.detail += ", with the rescue VM";
  } else {
    ports.network.check(plan);
  }
}

/// Left out neither by the operator nor as the host's own: the customer may miss it.
bool is_trouble(domain::ExclusionReason reason) {
  using domain::ExclusionReason;
  return reason == ExclusionReason::offline || reason == ExclusionReason::busy || reason == ExclusionReason::zoned ||
         reason == ExclusionReason::firmware_raid;
}

/// Finds disks that the image's machine can't show (4096-byte sectors on SATA, too many disks) before anything is
/// changed.
void require_presentable(Ports& ports, const domain::SessionSettings& settings,
                         const std::vector<domain::Disk>& disks) {
  domain::GuestSpec guest;
  guest.name = "rescue-" + settings.server_name;
  guest.disk_mode = settings.disk_mode;
  guest.disks = guest_disks(disks, settings);
  try {
    guest.profile = ports.images.inspect().profile;
  } catch (const std::exception&) {
    return;  // reported by the check of the image
  }
  (void)ports.hypervisor.describe(guest);
}

/// Without its folder nobody can see whether changes of an earlier session wait there for a decision.
void require_overlay_folder(Ports& ports, const domain::SessionSettings& settings) {
  if (settings.changes_folder.empty()) return;
  try {
    (void)ports.host.room_of(settings.changes_folder);
  } catch (const Error& error) {
    throw Error(ErrorCode::precondition, fmt::format("the folder for what guests write is not there: {}", error.what()),
                "Is its disk connected and mounted? It is named by disks.overlay_folder, or rescue.changes= on the "
                "kernel's command line.");
  }
}

void check_disks(Ports& ports, const domain::SessionSettings& settings, Check& result) {
  require_overlay_folder(ports, settings);
  const auto survey = survey_disks(ports, settings.disks);
  result.detail = fmt::format("{} to pass through, {} left out", survey.usable.size(), survey.excluded.size());
  if (settings.disk_mode != domain::DiskMode::read_write) {
    result.detail += fmt::format(", mode {}", name_of(settings.disk_mode));
  }
  require_presentable(ports, settings, survey.usable);
  for (const auto& disk : survey.excluded) {
    if (!is_trouble(disk.reason)) continue;
    result.verdict = Verdict::warning;
    result.detail += "; " + disk.detail;
  }
  if (result.verdict == Verdict::warning) {
    result.remedy = "List in disks.exclude the disks that are left out on purpose.";
  }
  if (!survey.usable.empty()) return;
  result.verdict = Verdict::warning;
  result.remedy = "`rescuectl disks` shows why each disk is left out.";
}

void check_control_plane(Ports& ports, const domain::SessionSettings& settings, const std::stop_token& stop,
                         Check& result) {
  result.detail = ports.control_plane.name();
  if (result.detail.empty()) {
    result.verdict = Verdict::warning;
    result.detail = "none is configured: only the operator can set the boot mode back";
    result.remedy = "Set control_plane.url.";
    return;
  }
  (void)control_plane_addresses(ports, settings);
  constexpr Milliseconds limit{5'000};
  require_control_plane(ports, limit, stop);
}

/// The control plane's layer must be readable: otherwise it can't be set back. For the firmware and the BMC, only
/// warns.
void check_boot(Ports& ports, const domain::SessionRecord& record, Check& result) {
  std::string text;
  for (auto* layer : ports.boot_layers) {
    const auto* snapshot = record.snapshot_of(layer->layer());
    if (snapshot != nullptr && snapshot->unreadable) continue;
    try {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", layer->layer(), layer->mode());
    } catch (const Error& error) {
      if (layer->required()) throw;
      result.verdict = Verdict::warning;
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", layer->layer(), error.what());
      result.remedy = error.hint();
    }
  }
  result.detail = text.empty() ? "no layer that could be set back" : text;
}

}  // namespace

void require_control_plane(Ports& ports, Milliseconds limit, const std::stop_token& stop) {
  constexpr Milliseconds pause{500};
  constexpr Milliseconds least{1'000};
  const auto deadline = ports.clock.now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - ports.clock.now());
    try {
      // A first packet may be lost: one attempt must not use up the limit.
      return ports.control_plane.check(std::clamp(limit / 3, std::min(least, left), left), stop);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::cancelled || ports.clock.now() + pause >= deadline) throw;
      log::warning("the control plane does not answer, retrying: {}", error.what());
    }
    if (!ports.clock.sleep_for(pause, stop)) throw Error(ErrorCode::cancelled, "stopped on request");
  }
}

std::vector<Check> run_checks(Ports& ports, const domain::SessionSettings& settings,
                              const domain::SessionRecord& record, const std::stop_token& stop) {
  return {
      check("memory", [&](Check& result) { check_memory(ports, settings, result); }),
      check("libvirt", [&](Check& result) { result.detail = ports.hypervisor.facts().version; }),
      check("kvm", [&](Check& result) { check_accelerator(ports, settings, result); }),
      check("image",
            [&](Check& result) {
              const auto image = ports.images.inspect();
              result.detail = fmt::format("{} {}, signature verified", image.name, image.version);
            }),
      check("nic", [&](Check& result) { check_nic(ports, settings, record, result); }),
      check("disks", [&](Check& result) { check_disks(ports, settings, result); }),
      check("control-plane", [&](Check& result) { check_control_plane(ports, settings, stop, result); }),
      check("boot", [&](Check& result) { check_boot(ports, record, result); }),
  };
}

void require_passed(const std::vector<Check>& checks) {
  std::string message;
  const Check* first = nullptr;
  for (const auto& one : checks) {
    if (one.verdict != Verdict::failed) continue;
    if (first == nullptr) first = &one;
    message += fmt::format("{}{}: {}", message.empty() ? "" : "; ", one.name, one.detail);
  }
  if (first != nullptr) throw Error(first->code, message, first->remedy);
}

}  // namespace rescue::session
