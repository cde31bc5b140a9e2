// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The VM's tap, made by us and kept without a holder: filters must stand on it before the VM's first frame.

#include "core/handle.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <string>

namespace rescue::linux {

/// A persistent tap with virtio headers, in our group of links; several queues when `queues` > 1 (the domain must then
/// ask for as many). One that is there already is kept. Throws `network`.
void add_tap(Netlink& netlink, const std::string& name, unsigned queues);

/// One queue of the tap, as QEMU opens it: frames with a virtio header before each. Throws `network`.
[[nodiscard]] FileDescriptor open_tap_queue(const std::string& name, unsigned queues);

}  // namespace rescue::linux
