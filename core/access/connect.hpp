// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Opens TCP connections to a numeric address, with a limit.

#include "core/access/access.hpp"

#include <functional>

namespace rescue::access {

/// Makes a non-blocking stream socket of an address family, closed on exec; an invalid descriptor with errno.
using SocketMaker = std::function<FileDescriptor(int family)>;

/// A socket of the caller's network namespace.
[[nodiscard]] FileDescriptor stream_socket(int family);

/// Connects to `address`, which is numeric, IPv4 or IPv6. The descriptor is blocking. Does not throw for network
/// problems: a closed port is an expected outcome. Blocks for at most `limit`.
[[nodiscard]] Connection connect_tcp(const std::string& address, unsigned port, Milliseconds limit,
                                     const SocketMaker& make_socket = stream_socket);

}  // namespace rescue::access
