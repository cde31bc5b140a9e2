// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The hypervisor on libvirt and QEMU: KVM where it is proven, TCG otherwise.

#include "core/kvm_proof.hpp"
#include "orchestrator/libvirt/connection.hpp"
#include "orchestrator/libvirt/domain_xml.hpp"
#include "orchestrator/ports/hypervisor.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace rescue::libvirt {

struct HypervisorSettings {
  KvmPaths kvm;
  /// libvirt's default folder of UEFI variables; another only for an isolated libvirt.
  std::string nvram_folder = "/var/lib/libvirt/qemu/nvram";
  /// Folder of libvirt's pid files of its guests.
  std::string pid_folder = "/run/libvirt/qemu";
  /// Limit until a domain's vCPU executes its first instruction. TCG on a busy host needs most of it.
  Milliseconds first_instruction_limit{10'000};
};

/// Every call may also throw `hypervisor` because libvirt is down; the hint names the command that starts it.
class LibvirtHypervisor final : public ports::Hypervisor {
public:
  explicit LibvirtHypervisor(std::shared_ptr<Connection> connection, HypervisorSettings settings = {});

  ports::HypervisorFacts facts() override;
  std::string describe(const domain::GuestSpec& spec) const override;
  domain::Accelerator start(const domain::GuestSpec& spec) override;
  domain::GuestState state(const std::string& guest) override;
  /// Number of the group that QEMU runs in; empty if it runs as root. Throws `hypervisor`.
  [[nodiscard]] std::string qemu_group();
  [[nodiscard]] unsigned resident_memory_mib(const std::string& guest) override;
  void resume(const std::string& guest) override;
  domain::StopMethod stop(const std::string& guest, const ports::StopDeadlines& deadlines,
                          std::stop_token stop) override;
  void destroy(const std::string& guest) override;
  void subscribe(std::function<void(const domain::GuestEvent&)> sink) override;

private:
  void require_absent(const std::string& guest);
  void attempt(const domain::GuestSpec& spec);
  void remove_leftovers(const std::string& guest) const;

  std::shared_ptr<Connection> connection_;
  HypervisorSettings settings_;
  mutable std::mutex mutex_;  ///< guards the members below
  std::optional<ports::HypervisorFacts> facts_;
  DomainHost host_;
};

}  // namespace rescue::libvirt
