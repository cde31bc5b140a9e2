// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/connection.hpp"

#include "orchestrator/libvirt/link.hpp"

namespace rescue::libvirt {

Connection::Connection(std::string uri) : link_(std::make_unique<Link>(std::move(uri))) {}
Connection::~Connection() = default;

}  // namespace rescue::libvirt
