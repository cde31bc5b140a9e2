// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/sftp_confinement.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "orchestrator/access/give_up_root.hpp"

#include <seccomp.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace rescue::files {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw system_error(std::string("cannot confine this process: ") + what, errno);
}

/// libssh and OpenSSL need more system calls than can be listed for all their versions: those that lead out of the
/// process are forbidden.
void forbid_ways_out() {
  const Handle<std::remove_pointer_t<scmp_filter_ctx>, seccomp_release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) refuse("seccomp");
  for (const int call : {SCMP_SYS(execve),
                         SCMP_SYS(execveat),
                         SCMP_SYS(fork),
                         SCMP_SYS(vfork),
                         SCMP_SYS(open),
                         SCMP_SYS(openat),
                         SCMP_SYS(openat2),
                         SCMP_SYS(creat),
                         SCMP_SYS(socket),
                         SCMP_SYS(connect),
                         SCMP_SYS(bind),
                         SCMP_SYS(listen),
                         SCMP_SYS(accept),
                         SCMP_SYS(accept4),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(pidfd_getfd),
                         SCMP_SYS(kill),
                         SCMP_SYS(mount),
                         SCMP_SYS(unlink),
                         SCMP_SYS(unlinkat),
                         SCMP_SYS(rename),
                         SCMP_SYS(renameat2),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(bpf),
                         SCMP_SYS(userfaultfd),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(add_key),
                         SCMP_SYS(perf_event_open),
                         SCMP_SYS(unshare),
                         SCMP_SYS(setns)}) {
    if (seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0) != 0) refuse("seccomp rule");
  }
  if (seccomp_load(filter.get()) != 0) refuse("seccomp filter");
}

}  // namespace

void confine_to_descriptors() {
  constexpr unsigned long a_day = 86'400;  // of CPU time: hundreds of gigabytes
  if (!access::give_up_root(a_day) || !access::stay_alone()) refuse("privileges");
  // After the change of the user, which resets it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0UL, 0UL, 0UL) != 0) refuse("parent");
#ifndef __SANITIZE_ADDRESS__  // its leak check starts a process and stops this one
  forbid_ways_out();
#endif
}

}  // namespace rescue::files
