// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/disk_logs.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <iterator>
#include <sstream>

namespace rescue::builder {
namespace {

constexpr std::size_t most_logs = 64;
constexpr Milliseconds longest_read{60'000};

/// Runs a reader of a file system that a guest has written: with no capabilities, no way to new ones, 2 GiB of memory,
/// a minute of a processor, and no file that it could write.
Completed read_disk(std::vector<std::string> program) {
  Command command;
  command.argv = {"prlimit", "--as=2147483648", "--cpu=60", "--fsize=0", "--core=0", "setpriv", "--no-new-privs"};
  if (::geteuid() == 0) command.argv.insert(command.argv.end(), {"--inh-caps=-all", "--bounding-set=-all"});
  command.argv.insert(command.argv.end(), std::make_move_iterator(program.begin()),
                      std::make_move_iterator(program.end()));
  command.time_limit = longest_read;
  auto completed = run(command);
  constexpr int not_found = 127;
  if (completed.status == not_found) {
    throw Error(ErrorCode::subprocess, "cannot read the guest's disk: " + printable(completed.err, 200),
                "Install the package sleuthkit.");
  }
  return completed;
}

struct Partition {
  unsigned number = 0;
  std::string offset;  ///< in sectors, as the programs take it
};

/// Rows of mmls: "004:  000       0000002048   0000051199   0000049152   name"; of an MBR the slot is "000:000".
std::vector<Partition> partitions_of(const std::string& disk) {
  std::vector<Partition> partitions;
  std::istringstream rows(read_disk({"mmls", disk}).out);
  for (std::string row; std::getline(rows, row);) {
    std::istringstream fields(row);
    std::string number;
    std::string slot;
    std::string start;
    fields >> number >> slot >> start;
    if (slot.empty() || slot.find_first_not_of("0123456789:") != std::string::npos) continue;
    if (start.empty() || start.find_first_not_of("0123456789") != std::string::npos) continue;
    partitions.push_back({static_cast<unsigned>(partitions.size()) + 1, start});
  }
  return partitions;
}

bool is_inode(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789-") == std::string::npos;
}

/// The folder's number in its file system; empty if it is not there, or the partition has no file system.
std::string inode_of(const std::string& disk, const Partition& partition, const std::string& folder) {
  auto found = read_disk({"ifind", "-o", partition.offset, "-n", folder, disk}).out;
  found.erase(found.find_last_not_of(" \n\r") + 1);
  return is_inode(found) ? found : "";
}

std::string file_name(const Partition& partition, const std::string& folder, const std::string& name) {
  auto text = fmt::format("setup-{}{}-{}", partition.number, folder, name);
  for (auto& byte : text) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '.' || byte == '_';
    if (!plain) byte = '-';
  }
  constexpr std::size_t longest = 200;
  return text.substr(0, longest);
}

void copy_folder(const std::string& disk, const Partition& partition, const std::string& folder,
                 const std::string& into, std::vector<std::string>& copied) {
  const auto inode = inode_of(disk, partition, folder);
  if (inode.empty()) return;
  // Rows of fls: "r/r 4797:\tsetupact.log", on NTFS "r/r 123-128-1:\tsetupact.log".
  std::istringstream rows(read_disk({"fls", "-o", partition.offset, "-r", "-F", "-u", "-p", disk, inode}).out);
  for (std::string row; std::getline(rows, row) && copied.size() < most_logs;) {
    const auto tab = row.find(":\t");
    if (tab == std::string::npos || !row.starts_with("r/r ") || !lower_case(row).ends_with(".log")) continue;
    const auto file = row.substr(4, tab - 4);
    if (!is_inode(file)) continue;
    const auto name = file_name(partition, folder, row.substr(tab + 2));
    constexpr mode_t for_owner = 0600;
    write_file_atomically(into + "/" + name, read_disk({"icat", "-o", partition.offset, disk, file}).out, for_owner);
    copied.push_back(name);
  }
}

}  // namespace

std::vector<std::string> copy_logs(const std::string& disk, const std::vector<std::string>& folders,
                                   const std::string& into) {
  std::vector<std::string> copied;
  for (const auto& partition : partitions_of(disk)) {
    for (const auto& folder : folders) copy_folder(disk, partition, folder, into, copied);
  }
  return copied;
}

}  // namespace rescue::builder
