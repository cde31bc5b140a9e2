// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/disk_reader_program.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/access/folder_of_nobody.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

namespace rescue::windows_disk {
namespace {

constexpr std::size_t longest_problem = 300;

/// Opens the disk for reading; the name may have moved to another one since the survey.
FileDescriptor opened(const domain::Disk& disk) {
  FileDescriptor file(::open(disk.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw system_error("cannot open " + disk.path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("cannot read " + disk.path, errno);
  const auto device = fmt::format("{}:{}", ::major(status.st_rdev), ::minor(status.st_rdev));
  if (!S_ISBLK(status.st_mode) || device != disk.device) {
    throw Error(ErrorCode::disk,
                fmt::format("{} is another device than at the survey ({}, not {})", disk.path, device, disk.device));
  }
  return file;
}

std::string problem_of(const Completed& completed, Milliseconds limit) {
  if (completed.timed_out) return fmt::format("it took longer than {} s", limit.count() / 1000);
  if (completed.status > 128) return fmt::format("its reader was ended by signal {}", completed.status - 128);
  if (completed.status != 0) return printable(completed.err, longest_problem);
  return "";
}

}  // namespace

std::string read_disk_by(std::vector<std::string> argv, const domain::Disk& disk, Milliseconds limit) {
  const auto file = opened(disk);
  const access::FolderOfNobody scratch("/tmp/rescue-inspect.XXXXXX");  // for copies of hives
  Command command;
  command.argv = std::move(argv);
  command.input_descriptor = file.get();
  command.environment = {"TMPDIR=" + scratch.path()};
  command.time_limit = limit;
  auto completed = run(command);
  if (const auto problem = problem_of(completed, limit); !problem.empty()) {
    throw Error(ErrorCode::subprocess, problem);
  }
  return std::move(completed.out);
}

void for_each_at_once(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto take = [&] {
    for (auto i = next++; i < count; i = next++) work(i);
  };
  const auto workers = std::min<std::size_t>(count, std::max(2U, std::thread::hardware_concurrency()));
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < workers; ++i) others.emplace_back(take);
  take();
}

}  // namespace rescue::windows_disk
