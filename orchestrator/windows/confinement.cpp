// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/confinement.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "orchestrator/access/give_up_root.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <string>

namespace rescue::windows_disk {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw system_error(std::string("cannot confine this process: ") + what, errno);
}

void allow(scmp_filter_ctx filter, int call) {
  if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) refuse("seccomp rule");
}

/// Any other system call fails with EPERM, which a library takes for a file that it can't have.
void allow_reading_and(const std::vector<int>& more) {
  const Handle<std::remove_pointer_t<scmp_filter_ctx>, seccomp_release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) refuse("seccomp");
  for (const int call : {SCMP_SYS(read),           SCMP_SYS(pread64),        SCMP_SYS(lseek),
                         SCMP_SYS(write),          SCMP_SYS(close),          SCMP_SYS(fstat),
                         SCMP_SYS(newfstatat),     SCMP_SYS(openat),         SCMP_SYS(unlink),
                         SCMP_SYS(mmap),           SCMP_SYS(munmap),         SCMP_SYS(mremap),
                         SCMP_SYS(mprotect),       SCMP_SYS(madvise),        SCMP_SYS(brk),
                         SCMP_SYS(futex),          SCMP_SYS(getrandom),      SCMP_SYS(clock_gettime),
                         SCMP_SYS(getpid),         SCMP_SYS(gettid),         SCMP_SYS(tgkill),
                         SCMP_SYS(rt_sigaction),   SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
                         SCMP_SYS(sigaltstack),    SCMP_SYS(exit),           SCMP_SYS(exit_group),
                         SCMP_SYS(restart_syscall)}) {
    allow(filter.get(), call);
  }
  for (const int call : more) allow(filter.get(), call);
  for (const unsigned long request : std::initializer_list<unsigned long>{BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKIOMIN,
                                                                          BLKIOOPT, BLKALIGNOFF, BLKROGET}) {
    if (seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, request)) != 0) {
      refuse("seccomp rule");
    }
  }
  if (seccomp_load(filter.get()) != 0) refuse("seccomp filter");
}

}  // namespace

void confine(const Confinement& limits) {
  // When memory runs out, the kernel kills rescued last, and its children inherit that. This process shall go first. In
  // some containers the file can't be written: then it stays as it is.
  if (const FileDescriptor score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)); score) {
    (void)!::write(score.get(), "500", 3);
  }
  const rlimit size{limits.largest_file, limits.largest_file};
  if (::setrlimit(RLIMIT_FSIZE, &size) != 0 || !access::give_up_root(limits.cpu_seconds) || !access::stay_alone()) {
    refuse("privileges");
  }
#ifndef __SANITIZE_ADDRESS__  // its leak check starts a process and stops this one
  allow_reading_and(limits.more_calls);
#endif
}

}  // namespace rescue::windows_disk
