// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-files: serves the files of an NTFS volume of the disk on its standard input, on the socket that is its
// standard output. A program of its own, since it reads what a hostile customer or guest can have written, and since
// libntfs-3g is under the GPL.
#include "core/disk/partitions.hpp"
#include "core/error.hpp"
#include "orchestrator/files/file_server.hpp"
#include "orchestrator/windows/confinement.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

namespace {

using namespace rescue;

constexpr const char* how_to_use =
    "usage: rescue-files PARTITION < DISK\n"
    "Serves the files of an NTFS volume to the program that has started it: its standard output is a socket. Reads "
    "only.\n"
    "PARTITION is a number of the disk's table; 0: the disk is one volume, without a table.\n"
    "`rescuectl files` runs this program.\n";

struct Range {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;
};

Range range_of(const disk::DiskBytes& disk, unsigned number) {
  if (number == 0) return {0, disk.size()};
  for (const auto& partition : disk::read_partitions(disk).partitions) {
    if (partition.number != number) continue;
    if (partition.start >= disk.size()) break;
    return {partition.start, std::min(partition.bytes, disk.size() - partition.start)};  // a table may say more
  }
  throw Error(ErrorCode::not_found, fmt::format("the disk has no partition {}", number),
              "`rescuectl disks` shows the partitions.");
}

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end && !text.empty() ? std::optional(number) : std::nullopt;
}

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

void serve(unsigned partition) {
  const files::Channel channel(STDOUT_FILENO);
  try {
    const disk::DiskDescriptor bytes(STDIN_FILENO);
    const auto range = range_of(bytes, partition);
    const disk::NtfsVolume volume(bytes, range.start, range.bytes);
    files::FileServer(volume).serve(channel);
  } catch (const Error& error) {
    files::serve_error(channel, error);
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int usage = 2;
  const auto partition = argc == 2 ? number_in(argv[1]) : std::nullopt;
  if (!partition || ::isatty(STDIN_FILENO) == 1 || !is_socket(STDOUT_FILENO)) {
    (void)std::fputs(how_to_use, stderr);
    return usage;
  }
  try {
    constexpr unsigned long no_file = 0;
    constexpr unsigned long a_day = 86'400;  // hundreds of gigabytes
    windows_disk::confine({.largest_file = no_file, .cpu_seconds = a_day, .more_calls = {}});
    serve(*partition);
    return 0;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "rescue-files: %s\n", error.what());
    return 1;
  }
}
