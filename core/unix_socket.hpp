// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Unix sockets by their path: the one place that fills in a sockaddr_un.

#include "core/handle.hpp"

#include <string>

namespace rescue {

/// A stream socket that is closed on exec; `flags` as of socket(2), such as SOCK_NONBLOCK. Throws `io`.
[[nodiscard]] FileDescriptor unix_socket(int flags = 0);

/// 0, or the errno of connect(2). Throws `config_invalid` when the path is longer than a socket's may be.
[[nodiscard]] int connect_unix(const FileDescriptor& socket, const std::string& path);

/// 0, or the errno of bind(2). Throws `config_invalid` when the path is longer than a socket's may be.
[[nodiscard]] int bind_unix(const FileDescriptor& socket, const std::string& path);

}  // namespace rescue
