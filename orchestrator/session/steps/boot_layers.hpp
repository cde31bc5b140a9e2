// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers that decide what the server boots: control plane, firmware, BMC.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Records the state of each layer. A firmware or BMC that does not answer causes a warning and is not changed at the
/// end; it does not stop the rescue.
void remember_boot_layers(SessionContext& context);

/// Sets all layers back to the disk, by hand, in any phase. Returns a line with the changes of each layer. Continues
/// after a layer that fails, and throws the first error at the end.
[[nodiscard]] std::string restore_boot_layers(SessionContext& context);

}  // namespace rescue::session
