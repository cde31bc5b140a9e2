// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role that opens a TCP connection to the guest: where from (which network namespace) is not the prover's concern.

#include "core/clock.hpp"
#include "core/handle.hpp"

#include <functional>
#include <string>

namespace rescue::ports {

struct Connection {
  FileDescriptor fd;    ///< connected; invalid when there is a problem
  std::string problem;  ///< "connection refused", for people
};

/// Connects within `limit` and does not throw for a peer that is not there.
using Connector = std::function<Connection(const std::string& address, unsigned port, Milliseconds limit)>;

}  // namespace rescue::ports
