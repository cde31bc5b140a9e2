// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves KVM by running a vCPU: a device node that opens is no proof (containers, broken nesting).

#include "core/clock.hpp"

#include <string>

namespace rescue {

/// Files that the proof reads; tests replace them.
struct KvmPaths {
  std::string cpuinfo = "/proc/cpuinfo";
  std::string device = "/dev/kvm";
};

struct KvmProof {
  bool proven = false;
  std::string reason;  ///< why not, for people; empty when proven
};

/// Looks for vmx or svm, then runs one vCPU: from real mode through paging into 64-bit mode, where it multiplies and
/// writes the product to a port. Never throws. Blocks for some milliseconds, or for `limit` when the vCPU hangs.
[[nodiscard]] KvmProof prove_kvm(const KvmPaths& paths = {}, Milliseconds limit = Milliseconds(1000));

/// Features of the host's CPU that the guest must not have.
struct CpuVirtualization {
  bool svm = false;
  bool vmx = false;
};
[[nodiscard]] CpuVirtualization cpu_virtualization(const std::string& cpuinfo = "/proc/cpuinfo");

}  // namespace rescue
