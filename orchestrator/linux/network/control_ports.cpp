// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/control_ports.hpp"

#include "core/error.hpp"
#include "orchestrator/domain/listener_ports.hpp"

#include <fmt/format.h>

namespace rescue::linux {
namespace {

constexpr unsigned first_unprivileged = 1024;
constexpr unsigned first_dynamic_of_windows = 49152;
constexpr unsigned fewest_ports = 16;

}  // namespace

ControlPorts control_ports_of(const domain::PortRange& range) {
  const unsigned size = range.last < range.first ? 0U : range.last - range.first + 1U;
  const bool aligned = size >= fewest_ports && (size & (size - 1)) == 0 && range.first % size == 0;
  if (!aligned || range.first < first_unprivileged || range.last >= first_dynamic_of_windows) {
    throw Error(ErrorCode::precondition,
                fmt::format("{}-{} can't be the host's control ports", range.first, range.last),
                "Choose a power of two of ports (at least 16) that begins at a multiple of its size, between 1024 and "
                "49151: 20480-21503, say.");
  }
  const auto listeners = domain::listeners_of(range);
  return {{range.first, static_cast<uint16_t>(listeners.first - 1)}, listeners, range};
}

std::string local_port_range(const ControlPorts& ports) {
  return fmt::format("{}\t{}", ports.own.first, ports.own.last);
}

std::string reserved_ports(const ControlPorts& ports, const std::string& before) {
  const auto listeners = fmt::format("{}-{}", ports.listeners.first, ports.listeners.last);
  return before.empty() ? listeners : before + "," + listeners;
}

}  // namespace rescue::linux
