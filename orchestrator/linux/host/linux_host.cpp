// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/linux_host.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "orchestrator/linux/host/memory_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>

namespace rescue::linux {

std::string host_name() {
  struct utsname names {};
  if (::uname(&names) != 0) throw system_error("cannot read the host's name", errno);
  std::string name = names.nodename;
  name.erase(std::min(name.find('.'), name.size()));
  return lower_case(name);
}

ports::HostFacts LinuxHost::facts() {
  struct sysinfo info {};
  constexpr std::size_t most_cpus = 8192;  // NR_CPUS of the distributions' kernels
  const Handle<cpu_set_t, __sched_cpufree> cpus(CPU_ALLOC(most_cpus));
  const auto size = CPU_ALLOC_SIZE(most_cpus);
  if (!cpus) throw std::bad_alloc();
  if (::sysinfo(&info) != 0 || ::sched_getaffinity(0, size, cpus.get()) != 0) {
    throw system_error("cannot read the host's memory and processors", errno);
  }
  const auto bytes = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
  return {host_name(), static_cast<unsigned>(bytes >> 20), static_cast<unsigned>(CPU_COUNT_S(size, cpus.get())),
          ::access("/sys/firmware/efi", F_OK) == 0};
}

namespace {

/// Where an overlay file system (the rescue system's root) writes: the upperdir of the last overlay mounted at or above
/// `folder`. Empty when it can't be seen from here, as in a container.
std::string upper_folder_of(const std::string& folder) {
  std::istringstream mounts(read_file("/proc/self/mountinfo"));
  std::string upper;
  std::size_t longest = 0;
  for (std::string line; std::getline(mounts, line);) {
    // 36 35 98:0 /root /mount/point options [optional ...] - type source super-options
    std::istringstream words(line);
    std::string word;
    std::string point;
    for (int field = 0; field < 5 && words >> point; ++field) {
    }
    const auto key = line.find("upperdir=");
    const bool above = point == "/" || folder == point || folder.starts_with(point + "/");
    if (key == std::string::npos || !above || point.size() < longest) continue;
    longest = point.size();
    const auto start = key + std::string_view("upperdir=").size();
    upper = line.substr(start, line.find(',', start) - start);
  }
  return upper;
}

}  // namespace

unsigned memory_of_files_mib(std::string folder) {
  struct statfs status {};
  while (::statfs(folder.c_str(), &status) != 0) {
    if (errno == EINTR) continue;
    const auto slash = folder.rfind('/');
    if (errno != ENOENT || slash == std::string::npos || folder.size() < 2) {
      throw system_error("cannot find out what " + folder + " lies on", errno);
    }
    folder.resize(std::max<std::size_t>(slash, 1));
  }
  if (status.f_type == OVERLAYFS_SUPER_MAGIC && ::statfs(upper_folder_of(folder).c_str(), &status) != 0) return 0;
  if (status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC) return 0;
  const auto bytes = static_cast<std::uint64_t>(status.f_blocks) * static_cast<std::uint64_t>(status.f_bsize);
  return static_cast<unsigned>(bytes >> 20U);
}

void LinuxHost::provide_memory_folder(const std::string& folder, unsigned mib) {
  linux::provide_memory_folder(folder, mib);
}
void LinuxHost::remove_memory_folder(const std::string& folder) { linux::remove_memory_folder(folder); }
ports::Room LinuxHost::room_of(const std::string& folder) { return linux::room_of(folder); }

unsigned LinuxHost::available_memory_mib() {
  // MemAvailable:   12345678 kB
  std::istringstream words(read_file("/proc/meminfo"));
  std::uint64_t kib = 0;
  for (std::string word; words >> word;) {
    if (word == "MemAvailable:" && words >> kib) return static_cast<unsigned>(kib >> 10U);
  }
  throw Error(ErrorCode::io, "/proc/meminfo has no MemAvailable");
}

unsigned LinuxHost::memory_of_files_mib(const std::string& folder) { return linux::memory_of_files_mib(folder); }

bool LinuxHost::wait_for_devices(Milliseconds limit) {
  // Without udevd (a container, a network namespace of the lab) nothing is pending.
  if (!std::filesystem::exists("/run/udev/control")) return true;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit);
  const auto settled = run({.argv = {"udevadm", "settle", "--timeout=" + std::to_string(seconds.count())},
                            .input = {},
                            .time_limit = limit + Milliseconds(5'000),
                            .environment = {}});
  return settled.status == 0 && !settled.timed_out;
}

std::string LinuxHost::boot_id() {
  auto id = read_file("/proc/sys/kernel/random/boot_id");
  while (id.ends_with('\n')) id.pop_back();
  return id;
}

void LinuxHost::end(domain::Ending ending) {
  if (ending == domain::Ending::stay) return;
  log::info("ending the host: {}", name_of(ending));
  std::string problems;
  const auto failed = [&](const std::string& way, const std::string& problem) {
    log::error("the host does not {} by {}: {}", name_of(ending), way, problem);
    problems += fmt::format("{}{}: {}", problems.empty() ? "" : "; ", way, problem);
  };
  const auto& configured = ending == domain::Ending::reboot ? reboot_ : poweroff_;
  const std::vector<std::string> systemd{"systemctl", std::string(name_of(ending))};
  std::vector<std::vector<std::string>> ways{configured};
  if (configured != systemd) ways.push_back(systemd);
  for (const auto& argv : ways) {
    try {
      run_checked({.argv = argv, .input = {}, .environment = {}});
      return;
    } catch (const Error& error) {
      failed(fmt::format("'{}'", fmt::join(argv, " ")), error.what());
    }
  }
  log::error("ending the host without a program: {}", name_of(ending));
  failed("the kernel", last_resort_(ending));
  throw Error(ErrorCode::subprocess, problems, "Restart the server by its BMC; the session is completely undone.");
}

std::string LinuxHost::ask_kernel(domain::Ending ending) {
  const bool reboots = ending == domain::Ending::reboot;
  ::sync();
  ::reboot(reboots ? RB_AUTOBOOT : RB_POWER_OFF);
  const auto refusal = std::generic_category().message(errno);
  // Key of SysRq: b boots, o turns off. It works for root even when SysRq is disabled.
  const FileDescriptor key(::open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC));
  if (!key || ::write(key.get(), reboots ? "b" : "o", 1) != 1) {
    return fmt::format("{}; SysRq: {}", refusal, std::generic_category().message(errno));
  }
  return refusal;
}

}  // namespace rescue::linux
