// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Actions of a Windows image with OpenSSH, as its manifest has them. Written from Microsoft's reference; not one was
// run on Windows by this project: docs/windows-image.md.

#include "contract/guest_action.hpp"

namespace rescue::windows {

/// They need nothing in the image but OpenSSH with its own sshd_config, and Windows PowerShell.
[[nodiscard]] contract::GuestActions guest_actions();

}  // namespace rescue::windows
