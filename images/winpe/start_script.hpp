// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scripts that Windows PE runs at its start.

#include <string>

namespace rescue::winpe {

/// Content of Windows\System32\startnet.cmd. It expects drivers, OpenSSH and the guest agent in \rescue of the system
/// drive, starts what is there, and appends what it does to \rescue\start.log. Lines end in CR LF.
[[nodiscard]] std::string start_script();

/// Content of Windows\System32\winpeshl.ini: starts startnet.cmd in a window in place of Setup.
[[nodiscard]] std::string shell_settings();

/// Content of \rescue\sshd_config.
[[nodiscard]] std::string ssh_settings();

}  // namespace rescue::winpe
