// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The VM's tap, persistent: filters must be on it before the VM's first frame.

#include "core/handle.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <string>

namespace rescue::linux {

/// A persistent tap with virtio headers, in our group of links; with several queues when `queues` > 1 (the domain must
/// then open as many). Keeps an existing one. Throws `network`.
void add_tap(Netlink& netlink, const std::string& name, unsigned queues);

/// Opens one queue of the tap like QEMU: a virtio header precedes each frame. Throws `network`.
[[nodiscard]] FileDescriptor open_tap_queue(const std::string& name, unsigned queues);

}  // namespace rescue::linux
