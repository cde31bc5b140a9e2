// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/files_api.hpp"

#include "orchestrator/domain/volumes.hpp"
#include "orchestrator/session/plan.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::control {
namespace {

domain::FileAccess required_access(const ApiBackend& api) {
  auto access = domain::file_access(api.service.status().record);
  if (!access.allowed) {
    throw Error(ErrorCode::conflict, "files can't be read now: " + access.why_not, access.remedy);
  }
  return access;
}

}  // namespace

nlohmann::json files_json(const ApiBackend& api) {
  (void)required_access(api);
  const auto survey = session::survey_disks(api.ports, api.settings.disks);
  const auto inspected = api.ports.inspector.inspect(survey.usable);
  const auto access = required_access(api);  // a session may have started meanwhile
  nlohmann::json json{{"note", access.note}, {"volumes", nlohmann::json::array()}};
  for (auto& volume : domain::volumes_of(inspected)) {
    const auto disk = std::find_if(survey.usable.begin(), survey.usable.end(),
                                   [&](const domain::Disk& one) { return one.path == volume.disk; });
    if (disk != survey.usable.end()) volume.device = disk->device;
    json["volumes"].push_back(domain::to_json(volume));
  }
  const auto record = api.service.status().record;
  json["ssh_keys"] = record.request ? record.request->ssh_keys : std::vector<std::string>{};
  return json;
}

nlohmann::json file_access_json(const domain::SessionRecord& record) {
  const auto access = domain::file_access(record);
  return {{"readable", access.allowed}, {"why_not", access.why_not}, {"note", access.note}};
}

}  // namespace rescue::control
