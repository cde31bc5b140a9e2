// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work in network namespaces, in a separate thread. In the host's namespace the server's address is local: only from
// another one does the host see what a customer sees.

#include "core/access/access.hpp"
#include "core/clock.hpp"

#include <functional>
#include <string>

namespace rescue::linux {

using access::Connection;

/// Opens a TCP connection from inside the namespace at `namespace_path` ("/run/netns/rescue-prb"; empty: the caller's).
/// The caller's thread keeps its namespace. `address` is numeric, IPv4 or IPv6. Does not throw for network problems: a
/// closed port is an expected outcome. Blocks for `limit` at most.
[[nodiscard]] Connection connect_in_namespace(const std::string& namespace_path, const std::string& address,
                                              unsigned port, Milliseconds limit);

/// Runs `work` in a new thread inside the namespace, waits for it, and rethrows its exception. Sockets and programs of
/// `work` belong to that namespace. Throws `network` when the namespace can't be entered.
void run_in_namespace(const std::string& namespace_path, const std::function<void()>& work);

/// Makes a named namespace that outlives the process, like `ip netns add`. Keeps an existing one. Throws `network`.
void add_namespace(const std::string& namespace_path);

/// Removes it. Does nothing if it does not exist. It lives as long as a process or socket is inside. Throws `network`.
void remove_namespace(const std::string& namespace_path);

/// True when a namespace is bound there; false for a plain file, which a crash while making one leaves.
[[nodiscard]] bool namespace_exists(const std::string& namespace_path);

}  // namespace rescue::linux
