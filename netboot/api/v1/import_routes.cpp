// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/gate.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/server_import.hpp"

#include <fmt/format.h>

#include <memory>

namespace rescue::netboot::api {
namespace {

http::Response refused(ErrorCode code, const std::vector<ImportError>& errors) {
  ErrorReport report;
  report.code = code;
  report.message = fmt::format("nothing was imported: line {}: {}{}{}", errors.front().line, errors.front().field,
                               errors.front().field.empty() ? "" : ": ", errors.front().detail);
  report.hint =
      errors.size() == 1 ? errors.front().hint : fmt::format("{} errors are listed, a hundred at most.", errors.size());
  auto response = http::problem(report);
  auto body = nlohmann::json::parse(response.body);
  body["errors"] = nlohmann::json::array();
  for (const auto& error : errors) {
    body["errors"].push_back(
        {{"line", error.line}, {"server", error.server}, {"field", error.field}, {"detail", error.detail}});
  }
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

http::Response unread(const std::string& type) {
  constexpr unsigned unsupported_media_type = 415;
  ErrorReport report;
  report.code = ErrorCode::usage;
  report.message = fmt::format("servers are not imported from {}", type);
  report.hint = "Send application/json, application/yaml or text/csv, and name it in Content-Type.";
  return http::problem(report, unsupported_media_type);
}

std::vector<ServerChange> changes_of(const Import& given, const Caller& caller, const Power& power, bool dry_run) {
  std::vector<ServerChange> changes;
  for (const auto& imported : given.servers()) {
    std::optional<BmcEndpoint> bmc;
    if (imported.bmc) {
      power.require_bmcs();
      bmc = dry_run ? imported.bmc->endpoint : power.sealed(*imported.bmc);
    }
    changes.push_back({imported.name, [&members = imported.members, &caller, bmc](Server& server) {
                         const auto before = server;
                         members.apply_to(server);
                         require_may_identify(caller, before, server);
                         if (bmc) server.bmc = bmc;
                       }});
  }
  return changes;
}

http::Response import_servers(Services& services, const http::Request& request, const Caller& caller,
                              const ApiOptions& options) {
  require_known(request, {"update", "dry_run"});
  const ImportOptions wanted{flag_from(request, "update"), flag_from(request, "dry_run"), caller.scope,
                             options.agent_rules};
  const auto type = request.header("content-type");
  if (!Import::reads(type)) return unread(type);
  const auto given = Import::read(type, request.body);
  if (!given.errors().empty()) return refused(ErrorCode::usage, given.errors());
  for (const auto& server : given.servers()) require_may_add(caller, server.name, server.bmc.has_value());
  const auto result = services.servers.import_all(changes_of(given, caller, services.power, wanted.dry_run), wanted);
  if (!result.problems.empty()) {
    std::vector<ImportError> errors;
    for (const auto& problem : result.problems) {
      errors.push_back(given.error_of(problem.index, problem.field, problem.detail));
    }
    return refused(ErrorCode::conflict, errors);
  }
  if (!wanted.dry_run) {
    log::info("{} servers added and {} changed by {}, by import", result.added, result.updated, caller.label);
  }
  return reply(200, {{"added", result.added}, {"updated", result.updated}, {"dry_run", wanted.dry_run}});
}

}  // namespace

void add_import_route(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  gate.allow_large_body("POST", import_path, largest_import);
  gate.add("POST", import_path, [services, options](const auto& request, const auto& caller) {
    return import_servers(*services, request, caller, options);
  });
}

}  // namespace rescue::netboot::api
