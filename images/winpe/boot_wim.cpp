// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/winpe/boot_wim.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/windows/scratch.hpp"
#include "images/winpe/start_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::winpe {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds long_enough{1'800'000};
constexpr std::size_t longest_message = 300;

void wimlib(std::vector<std::string> arguments, const std::string& input, const std::string& problem) {
  Command command;
  command.argv = {"wimlib-imagex"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.input = input;
  command.time_limit = long_enough;
  const auto result = run(command);
  if (result.status == 0) return;
  throw Error(result.timed_out ? ErrorCode::timeout : ErrorCode::precondition,
              fmt::format("{}: {}", problem, printable(result.err, longest_message)),
              "Compare the checksum of the medium with Microsoft's; look at the room in TMPDIR.");
}

/// Unpacks qemu-ga.exe and its libraries, which lie in one folder of the MSI.
void unpack_agent(const Additions& additions, const std::string& scratch, const std::string& target) {
  const auto* file = additions.virtio->find(additions.agent_msi);
  const auto msi = scratch + "/agent.msi";
  const auto unpacked = scratch + "/agent-files";
  copy_from(*additions.virtio, *file, msi);
  Command command;
  command.argv = {"msiextract", "--directory", unpacked, msi};
  const auto result = run(command);
  if (result.status == 0 && fs::exists(unpacked)) {
    for (const auto& entry : fs::recursive_directory_iterator(unpacked)) {
      if (lower_case(entry.path().filename().string()) != "qemu-ga.exe") continue;
      fs::copy(entry.path().parent_path(), target, fs::copy_options::recursive);
      return;
    }
  }
  throw Error(
      ErrorCode::precondition,
      fmt::format("{} of {} has no qemu-ga.exe that msiextract finds", additions.agent_msi, additions.virtio->name()),
      "Use an ISO of virtio-win as its project publishes it.");
}

/// Quotes a path for wimlib's list of commands, which has no escapes.
std::string quoted(const std::string& path) {
  if (path.find_first_of("'\n") == std::string::npos) return "'" + path + "'";
  throw Error(ErrorCode::usage, "TMPDIR has a quote or a line break in its name", "Set TMPDIR to another folder.");
}

}  // namespace

void copy_below(const media::Medium& medium, const std::string& folder, const std::string& target) {
  for (const auto* file : medium.below(folder)) {
    const fs::path relative = folder.empty() ? file->path : file->path.substr(folder.size() + 1);
    if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end()) {
      throw Error(ErrorCode::precondition, fmt::format("{} has a file named {}", medium.name(), file->path),
                  "Use the medium as its project publishes it.");
    }
    const auto place = fs::path(target) / relative;
    fs::create_directories(place.parent_path());
    copy_from(medium, *file, place.string());
  }
}

void copy_from(const media::Medium& medium, const media::MediumFile& file, const std::string& target) {
  constexpr std::uint64_t part = 8U << 20U;
  const windows::SparseFile out(target, file.size);
  for (std::uint64_t offset = 0; offset < file.size; offset += part) {
    out.write(medium.read(file, offset, static_cast<std::size_t>(std::min(part, file.size - offset))), offset);
  }
}

void make_boot_wim(const std::string& source, const std::string& target, const Additions& additions,
                   const std::string& scratch) {
  const auto tree = scratch + "/rescue";
  fs::create_directories(tree);
  for (const auto& driver : additions.drivers.drivers) {
    copy_below(*additions.virtio, driver.folder, tree + "/drivers/" + driver.name);
  }
  copy_below(*additions.ssh, additions.ssh_folder, tree + "/openssh");
  if (!additions.agent_msi.empty()) unpack_agent(additions, scratch, tree + "/agent");
  constexpr mode_t for_all = 0644;
  write_file_atomically(tree + "/sshd_config", ssh_settings(), for_all);
  write_file_atomically(scratch + "/startnet.cmd", start_script(), for_all);
  write_file_atomically(scratch + "/winpeshl.ini", shell_settings(), for_all);
  wimlib({"export", source, "1", target, "--boot"}, "", "boot.wim can't be read");
  const auto commands = fmt::format("add {} /rescue\nadd {} /Windows/System32/startnet.cmd\n"
                                    "add {} /Windows/System32/winpeshl.ini\n",
                                    quoted(tree), quoted(scratch + "/startnet.cmd"), quoted(scratch + "/winpeshl.ini"));
  wimlib({"update", target, "1"}, commands, "files can't be added to boot.wim");
}

}  // namespace rescue::winpe
