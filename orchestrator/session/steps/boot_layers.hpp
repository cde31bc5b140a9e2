// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers that decide what the server boots: control plane, firmware, BMC.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Writes down what each layer holds. A firmware or BMC that does not answer keeps nobody from being rescued: it gets a
/// warning, and is then left alone.
void remember_boot_layers(SessionContext& context);

/// Sets all layers back to the disk, by hand, whatever the session does. Returns a line a layer: what was changed. Goes
/// on past a layer that fails, and throws the first error at the end.
[[nodiscard]] std::string restore_boot_layers(SessionContext& context);

}  // namespace rescue::session
