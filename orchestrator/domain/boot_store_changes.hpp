// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The difference of two boot configurations (BCD), in words.

#include "orchestrator/domain/session_report.hpp"

#include <string>
#include <vector>

namespace rescue::domain {

struct BootStoreChange {
  ChangeCode code{};
  std::string text;
};

/// Name of an element's type, "path"; "element TYPE" if it is not known. `manager`: of the boot manager's own object,
/// which gives some numbers another meaning.
[[nodiscard]] std::string name_of_boot_element(const std::string& type, bool manager);

/// Changes of objects, matched by their ids.
[[nodiscard]] std::vector<BootStoreChange> boot_store_changes(const std::vector<BootObject>& before,
                                                              const std::vector<BootObject>& after);

}  // namespace rescue::domain
