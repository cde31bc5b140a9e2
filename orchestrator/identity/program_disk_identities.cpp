// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/program_disk_identities.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

namespace rescue::identity {
namespace {

constexpr std::size_t longest_complaint = 300;
constexpr std::size_t most_at_a_time = 8;

/// Opens the disk for reading; the name may have moved to another one since the survey.
FileDescriptor open_found(const domain::Disk& disk) {
  FileDescriptor file(::open(disk.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw system_error("cannot open " + disk.path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("cannot read " + disk.path, errno);
  const auto device = fmt::format("{}:{}", ::major(status.st_rdev), ::minor(status.st_rdev));
  if (S_ISBLK(status.st_mode) && device == disk.device) return file;
  throw Error(ErrorCode::disk,
              fmt::format("{} is another device than at the survey ({}, not {})", disk.path, device, disk.device));
}

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
    const auto file = open_found(disk);
    Command command;
    command.argv = {program_, "read"};
    command.input_descriptor = file.get();
    command.time_limit = disk_limit_;
    result.identity = domain::disk_identity_from(answer_of(command));
  } catch (const std::exception& error) {  // on a thread of its own: nothing may leave it
    result.problem = error.what();
  }
  return result;
}

std::vector<domain::IdentifiedDisk> ProgramDiskIdentities::identify(const std::vector<domain::Disk>& disks) {
  std::vector<domain::IdentifiedDisk> results(disks.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < disks.size(); i = next++) results[i] = identify_one(disks[i]);
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min(disks.size(), most_at_a_time); ++i) others.emplace_back(work);
  work();
  others.clear();
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
