// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether the guest agent has opened its channel, found without a request to it. Internal to the adapter.

#include <libvirt/libvirt.h>

namespace rescue::libvirt {

/// Reads the live XML: finds an agent that connected before events were subscribed to. False when it can't be read.
[[nodiscard]] bool agent_is_connected(virDomain* domain);

}  // namespace rescue::libvirt
