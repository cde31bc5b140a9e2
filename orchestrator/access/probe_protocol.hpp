// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Protocol between CustomerAccessProbe and rescue-access-probe. argv: ssh ADDRESS PORT LIMIT USER, ssh-key ADDRESS PORT
// LIMIT USER, or rdp ADDRESS PORT LIMIT, with the limit in milliseconds; stdin: the password of ssh or the private key
// of ssh-key, to its end; stdout: the answer (probe_answer.hpp); stderr: one line for people if there is no answer.

#include <cstddef>

namespace rescue::access::probe {

enum ExitCode : int {
  answered = 0,
  failed = 1,  ///< it could not try
  usage = 2,
};

inline constexpr std::size_t longest_secret = 1024;

}  // namespace rescue::access::probe
