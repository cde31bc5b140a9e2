// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether KVM works here, by a vCPU that runs: a device node that opens proves nothing (containers, broken nesting).

#include "core/clock.hpp"

#include <string>

namespace rescue::libvirt {

/// Where the proof looks; tests point it elsewhere.
struct KvmPaths {
  std::string cpuinfo = "/proc/cpuinfo";
  std::string device = "/dev/kvm";
};

struct KvmProof {
  bool proven = false;
  std::string reason;  ///< why not, for people; empty when proven
};

/// Looks for vmx or svm, then lets one vCPU go from real mode through paging into 64-bit mode, multiply, and write the
/// product to a port. Never throws. Blocks for some milliseconds, for `limit` when the vCPU does not come back.
[[nodiscard]] KvmProof prove_kvm(const KvmPaths& paths = {}, Milliseconds limit = Milliseconds(1000));

/// What the host's CPU says of itself, for the features that the guest must not have.
struct CpuVirtualization {
  bool svm = false;
  bool vmx = false;
};
[[nodiscard]] CpuVirtualization cpu_virtualization(const std::string& cpuinfo = "/proc/cpuinfo");

}  // namespace rescue::libvirt
