// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Network namespaces entered by a thread of their own: in the host's namespace the server's address is local, so only
// from another one can the host see what a customer sees.

#include "core/clock.hpp"
#include "core/handle.hpp"

#include <functional>
#include <string>

namespace rescue::linux {

struct Connection {
  FileDescriptor fd;    ///< connected, blocking, close-on-exec; invalid when there is no connection
  std::string problem;  ///< why not: "connection refused", "timed out after 2000 ms"
};

/// Opens a TCP connection from inside the namespace at `namespace_path` ("/run/netns/rescue-prb"; empty: the caller's
/// own). The caller's thread stays where it is. `address` is numeric, IPv4 or IPv6. Never throws for a network's
/// reasons: a closed port is an expected outcome. Blocks for `limit` at most.
[[nodiscard]] Connection connect_in_namespace(const std::string& namespace_path, const std::string& address,
                                              unsigned port, Milliseconds limit);

/// Runs `work` in a new thread inside the namespace, waits for it, and rethrows what it throws. Sockets opened and
/// programs started by `work` belong to that namespace. Throws `network` when the namespace can't be entered.
void run_in_namespace(const std::string& namespace_path, const std::function<void()>& work);

/// Makes a named namespace that outlives the process, as `ip netns add` does. One that is there already is kept.
/// Throws `network`.
void add_namespace(const std::string& namespace_path);

/// Removes it; none there is no error. It lives on for as long as a process or socket is inside. Throws `network`.
void remove_namespace(const std::string& namespace_path);

/// True when a namespace is bound there (a plain file, left by a crash between the two steps of making one, is not).
[[nodiscard]] bool namespace_exists(const std::string& namespace_path);

}  // namespace rescue::linux
