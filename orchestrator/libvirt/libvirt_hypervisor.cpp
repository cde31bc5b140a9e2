// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"

#include "core/log.hpp"
#include "orchestrator/libvirt/guest_stop.hpp"
#include "orchestrator/libvirt/host_capabilities.hpp"
#include "orchestrator/libvirt/link.hpp"
#include "orchestrator/libvirt/qemu_disks.hpp"
#include "orchestrator/libvirt/timed_call.hpp"
#include "orchestrator/libvirt/virt_error.hpp"
#include "orchestrator/libvirt/virt_text.hpp"

#include <fmt/format.h>
#include <libvirt/virterror.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <span>

namespace rescue::libvirt {
namespace {

using domain::Accelerator;
using domain::GuestSpec;
using domain::GuestState;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* machine = "pc-q35-7.2";

/// "9.0.0" of 9000000.
std::string version_text(unsigned long version) {
  return fmt::format("{}.{}.{}", version / 1'000'000, version / 1'000 % 1'000, version % 1'000);
}

unsigned long libvirt_version(virConnect* connection) {
  unsigned long version = 0;
  if (virConnectGetLibVersion(connection, &version) < 0) throw virt_error("libvirt does not report its version");
  return version;
}

/// Names of QEMU's capabilities are internal to libvirt: only the tested release is trusted to know them.
bool knows_capability_names(unsigned long version) { return version / 1'000'000 == 9; }

std::string versions_of(virConnect* connection) {
  const auto library = libvirt_version(connection);
  unsigned long qemu = 0;
  if (virConnectGetVersion(connection, &qemu) < 0) throw virt_error("libvirt does not report QEMU's version");
  return "libvirt " + version_text(library) + ", QEMU " + version_text(qemu);
}

/// Null when libvirt has no such domain type, for example because its QEMU finds no /dev/kvm.
VirtText domain_capabilities(virConnect* connection, bool kvm) {
  return timed("get domain capabilities", [&] {
    return VirtText(virConnectGetDomainCapabilities(connection, nullptr, "x86_64", machine, kvm ? "kvm" : "qemu", 0));
  });
}

/// CPU time of a domain's vCPUs so far; grows only while they run. None when it can't be read.
std::optional<unsigned long long> cpu_time(virDomain* domain) {
  std::array<virVcpuInfo, 1> vcpus{};
  if (virDomainGetVcpus(domain, vcpus.data(), 1, nullptr, 0) < 1) return std::nullopt;
  return vcpus[0].cpuTime;
}

void require_running(virDomain* domain, const std::string& guest) {
  int state = 0;
  int reason = 0;
  if (virDomainGetState(domain, &state, &reason, 0) < 0) throw virt_error("the guest " + guest + " ended at once");
  if (state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED) return;
  throw Error(ErrorCode::hypervisor,
              "the guest " + guest + " stopped at once (state " + std::to_string(state) + ", reason " +
                  std::to_string(reason) + ")",
              "See /var/log/libvirt/qemu/" + guest + ".log.");
}

/// The current problem, because operators fix it while rescued runs. Empty when it can't be determined.
std::string kvm_problem(virConnect* connection, const std::string& device) {
  const VirtText capabilities(virConnectGetCapabilities(connection));
  if (!capabilities) return {};
  const auto user = qemu_user(capabilities.get());
  if (!user) return {};
  try {
    return device_problem(device, *user);
  } catch (const Error& error) {
    log::debug("can't check whether QEMU's user may use {}: {}", device, error.what());
    return {};
  }
}

std::optional<QemuUser> user_of_qemu(Link& link) {
  const auto connection = link.connect();
  const VirtText capabilities(virConnectGetCapabilities(connection.get()));
  if (!capabilities) throw virt_error("libvirt does not report its capabilities");
  return qemu_user(capabilities.get());
}

/// Hides the events of a domain that may not even start from the guest's watchers.
class QuietAttempt {
public:
  QuietAttempt(GuestBook& guests, std::string guest) : guests_(&guests), guest_(std::move(guest)) {
    guests_->begin_attempt(guest_);
  }
  QuietAttempt(const QuietAttempt&) = delete;
  QuietAttempt& operator=(const QuietAttempt&) = delete;
  ~QuietAttempt() { guests_->end_attempt(guest_); }

private:
  GuestBook* guests_;
  std::string guest_;
};

/// A vCPU that runs uses CPU time; /proc counts it in ticks of 10 ms. There is no event for it.
void wait_for_first_instructions(Link& link, virDomain* domain, const std::string& guest, const GuestRecord& before,
                                 Milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  while (true) {
    require_running(domain, guest);
    const auto used = cpu_time(domain);
    if (!used || *used > 0) return;
    if (SteadyClock::now() >= deadline) break;
    link.guests().wait_for_end(guest, before, SteadyClock::now() + Milliseconds(5), {});
  }
  throw Error(ErrorCode::hypervisor, fmt::format("the guest {} executed nothing within {} ms", guest, limit.count()),
              "See /var/log/libvirt/qemu/" + guest + ".log.");
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(std::shared_ptr<Connection> connection, HypervisorSettings settings)
    : connection_(std::move(connection)), settings_(std::move(settings)) {
  const auto cpu = cpu_virtualization(settings_.kvm.cpuinfo);
  host_.svm = cpu.svm;
  host_.vmx = cpu.vmx;
  host_.nvram_folder = settings_.nvram_folder;
}

ports::HypervisorFacts LibvirtHypervisor::facts() {
  const auto connection = connection_->link().connect();
  const std::scoped_lock lock(mutex_);
  if (facts_) {
    facts_->kvm_problem = kvm_problem(connection.get(), settings_.kvm.device);
    return *facts_;
  }
  ports::HypervisorFacts found;
  found.version = versions_of(connection.get());
  host_.skip_cpu_inquiry = knows_capability_names(libvirt_version(connection.get()));
  auto proof = prove_kvm(settings_.kvm);
  const auto capabilities = domain_capabilities(connection.get(), proof.proven);
  if (!capabilities && proof.proven) {
    proof = {false, virt_error("KVM works, but libvirt does not offer it").what()};
  } else if (!capabilities) {
    throw virt_error(std::string("libvirt offers no machine ") + machine);
  } else if (proof.proven) {
    host_.hyperv = hyperv_features(capabilities.get());
  }
  found.accelerator = proof.proven ? Accelerator::kvm : Accelerator::tcg;
  found.accelerator_reason = proof.reason;
  found.kvm_problem = kvm_problem(connection.get(), settings_.kvm.device);
  if (!proof.proven) log::warning("guests run without KVM, slowly: {}", proof.reason);
  facts_ = found;
  return found;
}

std::string LibvirtHypervisor::describe(const GuestSpec& spec) const {
  DomainHost host;
  {
    const std::scoped_lock lock(mutex_);
    host = host_;
  }
  return domain_xml(spec, host);
}

void LibvirtHypervisor::require_absent(const std::string& guest) {
  const auto domain = connection_->link().find(guest);
  if (!domain) return;
  if (virDomainIsActive(domain.get()) != 0) {
    throw Error(ErrorCode::conflict, "a guest named " + guest + " already runs");
  }
  throw Error(ErrorCode::conflict, "libvirt has a definition of another guest named " + guest,
              "Remove it: virsh undefine --nvram " + guest);
}

void LibvirtHypervisor::attempt(const GuestSpec& spec) {
  auto& link = connection_->link();
  const auto connection = link.connect();
  const auto before = link.guests().record(spec.name);
  {
    const bool skip = knows_capability_names(libvirt_version(connection.get()));
    const std::scoped_lock lock(mutex_);
    host_.skip_cpu_inquiry = skip;
  }
  const auto xml = describe(spec);
  const bool uefi = spec.profile.firmware == domain::Firmware::uefi;
  const unsigned flags = VIR_DOMAIN_START_PAUSED | (uefi ? VIR_DOMAIN_START_RESET_NVRAM : VIR_DOMAIN_NONE);
  require_named_disks(hardware_of(spec.disks));
  const auto domain = timed("create guest " + spec.name,
                            [&] { return DomainHandle(virDomainCreateXML(connection.get(), xml.c_str(), flags)); });
  if (!domain) throw virt_error("the guest " + spec.name + " can't be started");
  // Before the guest's first instruction: checks that QEMU opened the held disks, even if names and links have moved.
  require_open_disks(settings_.pid_folder + "/" + spec.name + ".pid", hardware_of(spec.disks));
  if (timed("start guest " + spec.name, [&] { return virDomainResume(domain.get()); }) < 0) {
    throw virt_error("the guest " + spec.name + " can't be started");
  }
  wait_for_first_instructions(link, domain.get(), spec.name, before, settings_.first_instruction_limit);
}

Accelerator LibvirtHypervisor::start(const GuestSpec& spec) {
  auto& link = connection_->link();
  require_absent(spec.name);
  if (!spec.vnc_socket.empty()) {
    prepare_private_folder(spec.vnc_socket, user_of_qemu(link));
  }
  const QuietAttempt quiet(link.guests(), spec.name);
  std::string problems;
  std::optional<Error> last;
  for (const auto accelerator : {Accelerator::kvm, Accelerator::kvm_compatible, Accelerator::tcg}) {
    if (accelerator < spec.accelerator) continue;
    auto rung = spec;
    rung.accelerator = accelerator;
    try {
      attempt(rung);
      if (accelerator == Accelerator::tcg) log::warning("the guest {} runs without KVM, slowly", spec.name);
      return accelerator;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::hypervisor) {
        destroy(spec.name);
        throw;
      }
      log::warning("accelerator {}: {}", name_of(accelerator), error.what());
      last = error;
      problems += fmt::format("{}{}: {}", problems.empty() ? "" : "; ", name_of(accelerator), error.what());
    }
    destroy(spec.name);  // throws when libvirt is away: the next accelerator would not start either
  }
  throw Error(ErrorCode::hypervisor, problems, last ? last->hint() : std::string{});
}

GuestState LibvirtHypervisor::state(const std::string& guest) {
  const auto domain = connection_->link().find(guest);
  if (!domain) return GuestState::absent;
  int state = 0;
  if (virDomainGetState(domain.get(), &state, nullptr, 0) < 0) {
    if (last_error_code() == VIR_ERR_NO_DOMAIN) return GuestState::absent;
    throw virt_error("the state of " + guest + " can't be read");
  }
  switch (state) {
  case VIR_DOMAIN_PAUSED:
  case VIR_DOMAIN_PMSUSPENDED:
    return GuestState::paused;
  case VIR_DOMAIN_SHUTOFF:
  case VIR_DOMAIN_CRASHED:
    return GuestState::shut_off;
  default:
    connection_->link().guests().note_running(guest);
    return GuestState::running;
  }
}

std::string LibvirtHypervisor::qemu_group() {
  const auto user = user_of_qemu(connection_->link());
  return user ? std::to_string(user->gid) : std::string{};
}

unsigned LibvirtHypervisor::resident_memory_mib(const std::string& guest) {
  const auto domain = connection_->link().find(guest);
  if (!domain) return 0;
  std::array<virDomainMemoryStatStruct, VIR_DOMAIN_MEMORY_STAT_NR> statistics{};
  const int count = timed("read the memory of guest " + guest, [&] {
    return virDomainMemoryStats(domain.get(), statistics.data(), static_cast<unsigned>(statistics.size()), 0);
  });
  if (count < 0) {
    if (virDomainIsActive(domain.get()) != 1) return 0;
    throw virt_error("the memory of " + guest + " can't be read");
  }
  for (const auto& statistic : std::span(statistics).first(static_cast<std::size_t>(count))) {
    if (statistic.tag == VIR_DOMAIN_MEMORY_STAT_RSS) return static_cast<unsigned>(statistic.val >> 10U);
  }
  return 0;
}

void LibvirtHypervisor::resume(const std::string& guest) {
  const auto domain = connection_->link().find(guest);
  if (!domain) return;
  int state = 0;
  int reason = 0;
  if (virDomainGetState(domain.get(), &state, &reason, 0) < 0) {
    if (last_error_code() == VIR_ERR_NO_DOMAIN) return;
    throw virt_error("the state of " + guest + " can't be read");
  }
  if (state != VIR_DOMAIN_PAUSED || reason != VIR_DOMAIN_PAUSED_IOERROR) return;
  if (timed("resume guest " + guest, [&] { return virDomainResume(domain.get()); }) < 0) {
    throw virt_error("the guest " + guest + " can't be resumed");
  }
}

domain::StopMethod LibvirtHypervisor::stop(const std::string& guest, const ports::StopDeadlines& deadlines,
                                           std::stop_token stop) {
  const auto method = stop_guest(connection_->link(), guest, deadlines, stop);
  remove_leftovers(guest);
  return method;
}

void LibvirtHypervisor::destroy(const std::string& guest) {
  destroy_guest(connection_->link(), guest);
  remove_leftovers(guest);
}

/// libvirt removes the emulated TPM's state with the transient domain; the UEFI variables stay behind.
void LibvirtHypervisor::remove_leftovers(const std::string& guest) const {
  const auto path = nvram_path(guest, host_);
  if (!path.empty() && ::unlink(path.c_str()) == 0) log::debug("removed {}", path);
}

void LibvirtHypervisor::subscribe(std::function<void(const domain::GuestEvent&)> sink) {
  connection_->link().subscribe(std::move(sink));
}

}  // namespace rescue::libvirt
