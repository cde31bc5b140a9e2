// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port that opens TCP connections to the guest, from the right network namespace.

#include "core/clock.hpp"
#include "core/handle.hpp"

#include <functional>
#include <string>

namespace rescue::ports {

struct Connection {
  FileDescriptor fd;    ///< connected; invalid if there is a problem
  std::string problem;  ///< "connection refused", for people
};

/// Connects within `limit`; does not throw if the peer does not answer.
using Connector = std::function<Connection(const std::string& address, unsigned port, Milliseconds limit)>;

}  // namespace rescue::ports
