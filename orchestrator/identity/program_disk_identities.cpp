// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/program_disk_identities.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/windows/disk_reader_program.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::identity {
namespace {

constexpr std::size_t longest_complaint = 300;

std::string answer_of(const Command& command) {
  const auto completed = run(command);
  if (completed.timed_out) {
    throw Error(ErrorCode::timeout, fmt::format("it took longer than {} s", command.time_limit.count() / 1000));
  }
  if (completed.status != 0) {
    throw Error(ErrorCode::subprocess, completed.status > 128
                                           ? fmt::format("its reader was ended by signal {}", completed.status - 128)
                                           : printable(completed.err, longest_complaint));
  }
  return completed.out;
}

}  // namespace

domain::IdentifiedDisk ProgramDiskIdentities::identify_one(const domain::Disk& disk) const {
  domain::IdentifiedDisk result{disk.path, {}};
  try {
    result.identity = domain::disk_identity_from(windows_disk::read_disk_by({program_, "read"}, disk, disk_limit_));
  } catch (const std::exception& error) {  // on a thread of its own: nothing may leave it
    result.problem = error.what();
  }
  return result;
}

std::vector<domain::IdentifiedDisk> ProgramDiskIdentities::identify(const std::vector<domain::Disk>& disks) {
  std::vector<domain::IdentifiedDisk> results(disks.size());
  windows_disk::for_each_at_once(disks.size(), [&](std::size_t i) { results[i] = identify_one(disks[i]); });
  return results;
}

domain::DiskIdentity ProgramDiskIdentities::show(const std::string& overlay) {
  Command command;
  command.argv = {program_, "show", overlay};
  command.time_limit = overlay_limit_;
  return domain::disk_identity_from(answer_of(command));
}

domain::RenewedIdentity ProgramDiskIdentities::renew(const std::string& overlay,
                                                     const std::vector<std::string>& taken) {
  Command command;
  command.argv = {program_, "renew", overlay};
  command.input = nlohmann::json(taken).dump();
  command.time_limit = overlay_limit_;
  return domain::renewed_identity_from(answer_of(command));
}

}  // namespace rescue::identity
