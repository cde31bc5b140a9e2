// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/namespace.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <system_error>
#include <thread>

namespace rescue::linux {
namespace {

constexpr const char* needs_root = "Network namespaces need root (CAP_SYS_ADMIN).";

Error network_error(const std::string& what, int error_number) {
  return {ErrorCode::network, what + ": " + std::generic_category().message(error_number),
          error_number == EPERM ? needs_root : ""};
}

/// Each thread has its own namespace: a new thread is the only way that can't leave the caller in the other one.
void run_in_thread(const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_in_namespace(const std::string& namespace_path, const std::function<void()>& work) {
  const FileDescriptor space(::open(namespace_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!space) throw network_error("cannot open the network namespace " + namespace_path, errno);
  run_in_thread([&] {
    if (::setns(space.get(), CLONE_NEWNET) != 0) {
      throw network_error("cannot enter the network namespace " + namespace_path, errno);
    }
    work();
  });
}

bool namespace_exists(const std::string& namespace_path) {
  struct statfs system {};
  return ::statfs(namespace_path.c_str(), &system) == 0 && system.f_type == NSFS_MAGIC;
}

void add_namespace(const std::string& namespace_path) {
  if (namespace_exists(namespace_path)) return;
  make_folder(std::filesystem::path(namespace_path).parent_path().string(), 0755);
  const FileDescriptor file(::open(namespace_path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0444));
  if (!file) throw network_error("cannot create " + namespace_path, errno);
  run_in_thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) throw network_error("cannot create a network namespace", errno);
    if (::mount("/proc/thread-self/ns/net", namespace_path.c_str(), "none", MS_BIND, nullptr) != 0) {
      throw network_error("cannot bind the network namespace to " + namespace_path, errno);
    }
  });
}

void remove_namespace(const std::string& namespace_path) {
  while (namespace_exists(namespace_path)) {
    if (::umount2(namespace_path.c_str(), MNT_DETACH) != 0) {
      throw network_error("cannot unbind the network namespace " + namespace_path, errno);
    }
  }
  if (::unlink(namespace_path.c_str()) != 0 && errno != ENOENT) {
    throw network_error("cannot remove " + namespace_path, errno);
  }
}

}  // namespace rescue::linux
