// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Protocol between CustomerAccessProbe and rescue-rdp-login. argv: ADDRESS PORT USER FINGERPRINT; stdin: the password,
// to its end; stdout: one line for people unless accepted; stderr: ignored; environment: HOME and XDG_CONFIG_HOME name
// a temporary folder.

namespace rescue::rdp::login {

enum ExitCode : int {
  accepted = 0,
  refused = 10,      ///< the server refused these credentials
  broke_off = 11,    ///< the server hung up during authentication: some do so for a wrong password
  unreachable = 12,  ///< no connection, no TLS, another certificate
  usage = 2,
};

}  // namespace rescue::rdp::login
