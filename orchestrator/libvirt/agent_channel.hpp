// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether the guest agent has opened its channel, without asking it. Internal to the adapter.

#include <libvirt/libvirt.h>

namespace rescue::libvirt {

/// From the live XML: for an agent that connected before anybody listened to events. False when it can't be read.
[[nodiscard]] bool agent_is_connected(virDomain* domain);

}  // namespace rescue::libvirt
