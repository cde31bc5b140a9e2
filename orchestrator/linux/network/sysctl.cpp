// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/sysctl.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace rescue::linux {

// Uses the calling thread's namespace, as the kernel resolves /proc/sys/net. A name may contain a dot (eth0.100): none
// of our paths uses dots as separators.
std::optional<std::string> read_sysctl(const std::string& path) {
  const FileDescriptor file(::open(("/proc/sys/" + path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string value;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(file.get(), buffer, sizeof buffer)) > 0;) {
    value.append(buffer, static_cast<std::size_t>(count));
  }
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

void write_sysctl(const std::string& path, const std::string& value) {
  const auto present = read_sysctl(path);
  if (!present || *present == value) return;
  const FileDescriptor file(::open(("/proc/sys/" + path).c_str(), O_WRONLY | O_CLOEXEC));
  // Writes an empty list as a line: writing nothing changes nothing.
  const std::string line = value + "\n";
  if (!file || ::write(file.get(), line.data(), line.size()) < 0) {
    throw Error(ErrorCode::network, fmt::format("cannot set {} to '{}': {}", path, value, std::strerror(errno)));
  }
}

}  // namespace rescue::linux
