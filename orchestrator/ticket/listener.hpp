// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The listening socket of a ticket.

#include "core/handle.hpp"
#include "orchestrator/domain/network.hpp"

#include <cstdint>
#include <optional>

namespace rescue::ticket {

struct Listening {
  FileDescriptor socket;  ///< non-blocking, of all addresses of the host, IPv6 and IPv4
  std::uint16_t port = 0;
};

/// Listens on `port`, or on a random free one of `range`. Throws `network` if none is free.
[[nodiscard]] Listening listen_for_viewers(const domain::PortRange& range, std::optional<std::uint16_t> port);

}  // namespace rescue::ticket
