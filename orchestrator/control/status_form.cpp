// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/status_form.hpp"

#include "orchestrator/domain/json.hpp"

namespace rescue::control {
namespace {

using domain::to_json;
using Json = nlohmann::json;

template <class T>
Json list_json(const std::vector<T>& list) {
  auto json = Json::array();
  for (const auto& item : list) json.push_back(to_json(item));
  return json;
}

}  // namespace

nlohmann::json status_form(const domain::SessionRecord& record) {
  Json json{{"format", 1},
            {"id", record.id},
            {"server", record.server},
            {"phase", name_of(record.phase)},
            {"started", to_json(record.started)},
            {"ended", to_json(record.ended)},
            {"steps", list_json(record.steps)},
            {"request", nullptr},
            {"boot_id", record.boot_id},
            {"boot_snapshots", list_json(record.boot_snapshots)},
            {"plan", nullptr},
            {"connection", nullptr},
            {"announced", nullptr},
            {"failure", nullptr},
            {"rollback_failures", list_json(record.rollback_failures)},
            {"warnings", Json::array()},
            {"ending", name_of(record.ending)},
            {"changes", name_of(record.changes)},
            {"end_pending", record.end_pending},
            {"resumes", record.resumes},
            {"guest_restarts", record.guest_restarts}};
  for (const auto& warning : record.warnings) json["warnings"].push_back(warning.text);
  if (record.request) json["request"] = to_json(*record.request);
  if (record.plan) json["plan"] = to_json(*record.plan);
  if (record.connection) json["connection"] = to_json(*record.connection);
  if (record.announced) json["announced"] = to_json(*record.announced);
  if (record.failure) json["failure"] = to_json(*record.failure);
  return json;
}

}  // namespace rescue::control
