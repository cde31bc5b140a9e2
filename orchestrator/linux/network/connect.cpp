// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/access/connect.hpp"

#include "orchestrator/linux/network/namespace.hpp"

namespace rescue::linux {

Connection connect_in_namespace(const std::string& namespace_path, const std::string& address, unsigned port,
                                Milliseconds limit) {
  // A socket keeps the namespace in which it was made.
  return access::connect_tcp(address, port, limit, [&](int family) {
    if (namespace_path.empty()) return access::stream_socket(family);
    FileDescriptor fd;
    run_in_namespace(namespace_path, [&] { fd = access::stream_socket(family); });
    return fd;
  });
}

}  // namespace rescue::linux
