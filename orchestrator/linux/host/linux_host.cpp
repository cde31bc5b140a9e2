// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/linux_host.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"

#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <filesystem>

namespace rescue::linux {

std::string host_name() {
  struct utsname names {};
  if (::uname(&names) != 0) throw system_error("cannot read the host's name", errno);
  std::string name = names.nodename;
  name.erase(std::min(name.find('.'), name.size()));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

ports::HostFacts LinuxHost::facts() {
  struct sysinfo info {};
  cpu_set_t cpus;
  if (::sysinfo(&info) != 0 || ::sched_getaffinity(0, sizeof cpus, &cpus) != 0) {
    throw system_error("cannot read the host's memory and processors", errno);
  }
  const auto bytes = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
  return {host_name(), static_cast<unsigned>(bytes >> 20), static_cast<unsigned>(CPU_COUNT(&cpus))};
}

bool LinuxHost::wait_for_devices(Milliseconds limit) {
  // Where no udevd runs (a container, a network namespace of the lab), nothing is under way.
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
  log::info("the host is to {}", name_of(ending));
  run_checked({.argv = ending == domain::Ending::reboot ? reboot_ : poweroff_, .input = {}, .environment = {}});
}

}  // namespace rescue::linux
