// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Judges a property of Windows by an expression of PowerShell.

#include "images/verify/contract.hpp"

#include <string>

namespace rescue::verify {

/// Runs `script` through the guest agent. It prints "ok" and nothing else when the property is right, else the reason.
[[nodiscard]] Verdict judge_by_powershell(Subject& subject, const std::string& script);

}  // namespace rescue::verify
