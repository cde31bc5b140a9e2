// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/status_form.hpp"

#include "orchestrator/domain/json.hpp"

#include <nlohmann/json.hpp>

namespace rescue::control {

nlohmann::json status_form(const domain::SessionRecord& record) {
  auto json = domain::members_of(record);
  json["warnings"] = nlohmann::json::array();
  for (const auto& warning : record.warnings) json["warnings"].push_back(warning.text);
  return json;
}

}  // namespace rescue::control
