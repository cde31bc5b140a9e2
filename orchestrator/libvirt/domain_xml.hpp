// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM as libvirt's domain XML: a pure function, so that golden files and `plan --xml` need no hypervisor.

#include "orchestrator/domain/guest.hpp"

#include <optional>
#include <set>
#include <string>

namespace rescue::libvirt {

/// What the XML depends on besides the guest: found once for a host, given as data.
struct DomainHost {
  /// Enlightenments that libvirt's domcapabilities list for KVM; none: not asked yet, all of ours are taken.
  std::optional<std::set<std::string>> hyperv;
  bool svm = false;  ///< the host's CPU has it: the guest's is masked, so that nobody nests in a rescue VM
  bool vmx = false;  ///< as above; libvirt refuses to mask a feature of the other vendor
  /// libvirt 9 asks QEMU for some 400 CPU properties one by one before a guest runs: half of the time of a start. It
  /// needs the answers to check Hyper-V enlightenments only, so other guests can do without.
  bool skip_cpu_inquiry = false;
  std::string nvram_folder;  ///< where the throw-away UEFI variables go; empty: libvirt chooses
};

/// The domain of `spec`, the same bytes for the same arguments. A spec without a tap has no network card.
/// Throws `precondition` for what this hypervisor can't show to a guest: a disk of 4096-byte logical sectors on SATA
/// (the message names the disk), an overlay or a read-only SATA disk.
[[nodiscard]] std::string domain_xml(const domain::GuestSpec& spec, const DomainHost& host);

/// Where `domain_xml` puts the UEFI variables of this guest; empty when libvirt chooses.
[[nodiscard]] std::string nvram_path(const std::string& guest, const DomainHost& host);

}  // namespace rescue::libvirt
