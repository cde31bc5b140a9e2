// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files of netboot/delivery/templates, compiled into the program.

#include <map>
#include <string>

namespace rescue::netboot {

/// By name: "access.html", "de.yaml".
[[nodiscard]] const std::map<std::string, std::string>& built_in_templates();

}  // namespace rescue::netboot
