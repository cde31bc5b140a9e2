// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM as libvirt's domain XML: a pure function, so that golden files and `plan --xml` need no hypervisor.

#include "orchestrator/domain/guest.hpp"

#include <optional>
#include <set>
#include <string>

namespace rescue::libvirt {

/// Properties of the host that the XML depends on: found once for a host, given as data.
struct DomainHost {
  /// Hyper-V enlightenments that libvirt's domcapabilities list for KVM; none: not read yet, all of ours are used.
  std::optional<std::set<std::string>> hyperv;
  bool svm = false;  ///< the host's CPU has it: masked in the guest, so that no VM nests in a rescue VM
  bool vmx = false;  ///< like `svm`; libvirt refuses to mask a feature of the other vendor
  /// libvirt 9 asks QEMU for some 400 CPU properties one by one before a guest runs: half the time of a start. Only its
  /// check of Hyper-V enlightenments needs the answers: other guests skip them.
  bool skip_cpu_inquiry = false;
  std::string nvram_folder;  ///< folder of the throw-away UEFI variables; empty: libvirt chooses
};

/// Domain of `spec`: equal arguments give equal bytes. A spec without a tap has no network card. Throws `precondition`
/// for a disk that this hypervisor can't show to a guest: 4096-byte logical sectors on SATA (the message names the
/// disk), an overlay or a read-only SATA disk.
[[nodiscard]] std::string domain_xml(const domain::GuestSpec& spec, const DomainHost& host);

/// Path of this guest's UEFI variables in `domain_xml`; empty when libvirt chooses.
[[nodiscard]] std::string nvram_path(const std::string& guest, const DomainHost& host);

}  // namespace rescue::libvirt
