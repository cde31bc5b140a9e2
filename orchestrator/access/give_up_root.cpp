// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/access/give_up_root.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace rescue::access {
namespace {

bool limit(__rlimit_resource resource, rlim_t most) {
  const rlimit value{most, most};
  return ::setrlimit(resource, &value) == 0;
}

/// Drops the capability bounding set, which exec could restore. The first number unknown to the kernel is the end.
bool drop_bounding_set() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0UL, 0UL, 0UL) != 0) return errno == EINVAL && capability > CAP_AUDIT_READ;
  }
  return true;
}

bool become_nobody() {
  if (::geteuid() != 0) return true;
  // Do this before changing the user: it needs CAP_SETPCAP and CAP_SETGID. Effective and permitted sets go with the
  // user.
  return drop_bounding_set() && ::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
         ::setresuid(nobody, nobody, nobody) == 0;
}

}  // namespace

bool give_up_root(unsigned long cpu_seconds) {
  if (!become_nobody()) return false;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0 || !limit(RLIMIT_CORE, 0)) return false;
  if (!limit(RLIMIT_CPU, cpu_seconds)) return false;
#ifndef __SANITIZE_ADDRESS__                          // AddressSanitizer maps terabytes that it does not use
  constexpr rlim_t two_gibibytes = rlim_t{2} << 30U;  // each thread of malloc reserves 64 to 128 MiB of it
  if (!limit(RLIMIT_AS, two_gibibytes)) return false;
#endif
  return ::prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) == 0;
}

bool stay_alone() {
#ifdef __SANITIZE_ADDRESS__  // AddressSanitizer looks for leaks from a process of its own
  return true;
#else
  return limit(RLIMIT_NPROC, 0);
#endif
}

}  // namespace rescue::access
