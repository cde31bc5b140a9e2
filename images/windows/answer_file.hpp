// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes autounattend.xml, which answers every question of Windows Setup ("Unattended Windows Setup Reference",
// Microsoft Learn).

#include "images/windows/answer_settings.hpp"

#include <string>

namespace rescue::windows {

/// The same bytes for the same settings. Throws `usage` as `check` does.
/// With a password the text holds it in a form that anybody can decode: it belongs on the answer medium of one
/// installation, and a rescue sets another one.
[[nodiscard]] std::string answer_file(const AnswerSettings& settings);

}  // namespace rescue::windows
