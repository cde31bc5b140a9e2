// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/folder_receiver.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "credentials/connection_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot {
namespace {

using Outcome = DeliveryAttempt::Outcome;

bool has_invitation(const credentials::ConnectionDetails& details) {
  return !details.ticket.empty() && std::any_of(details.addresses.begin(), details.addresses.end(),
                                                [](const auto& one) { return one.viewer_port != 0; });
}

/// Whether the server's files are of this session: those of a later one must stay.
bool is_of_session(const std::string& json_file, const std::string& session) {
  const auto text = read_file_if_exists(json_file);
  if (!text) return false;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  return json.is_object() && json.value("session", nlohmann::json()) == session;
}

DeliveryAttempt remove_files(const std::string& base, const std::string& session) {
  if (!is_of_session(base + ".json", session)) return {Outcome::done, "the folder has no files of this session"};
  // The file that programs watch for goes last: an attempt that is repeated finds the session by it.
  for (const auto* const suffix : {".rdp", ".known_hosts", ".inv32.xml", ".json"}) remove_file_durably(base + suffix);
  return {Outcome::done, fmt::format("{}.json and others were removed", base)};
}

}  // namespace

DeliveryAttempt FolderReceiver::deliver(const DeliveryRecord& record, const DeliveryFacts& facts,
                                        const std::stop_token&) {
  constexpr mode_t mode = 0640;
  const auto& details = facts.connection;
  // A server's name is a host name: no path.
  const auto base = settings_.path + "/" + record.server.text();
  if (record.kind == DeliveryKind::ended) return remove_files(base, record.session);
  try {
    credentials::check(details);
  } catch (const Error& error) {
    return {Outcome::refused, error.what()};
  }
  write_file_atomically(base + ".rdp", credentials::rdp_file(details, details.addresses.front().address), mode);
  write_file_atomically(base + ".known_hosts", credentials::known_hosts(details), mode);
  if (has_invitation(details)) {
    write_file_atomically(base + ".inv32.xml", credentials::invitation_xml(details), mode);
  } else {
    remove_file_durably(base + ".inv32.xml");  // an earlier session's
  }
  // Comes last: a program that watches for it finds the others.
  write_file_atomically(base + ".json", credentials::connection_json(details).dump(2) + "\n", mode);
  return {Outcome::done, fmt::format("{}.json and others were written", base)};
}

}  // namespace rescue::netboot
