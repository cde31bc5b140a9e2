// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/winpe/boot_disk.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "images/windows/scratch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::winpe {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = 1U << 20U;
constexpr std::uint64_t sector = 512;
/// FAT32 needs 65,525 clusters: a smaller file system would be taken for FAT16.
constexpr std::uint64_t smallest_partition = 260 * mebibyte;
constexpr std::uint64_t room_for_tables = 32 * mebibyte;

void run_tool(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  command.time_limit = Milliseconds(1'800'000);
  // mtools reads settings of the user, which would not fit.
  command.environment = {"MTOOLS_SKIP_CHECK=1", "MTOOLSRC=/dev/null"};
  const auto result = run(command);
  if (result.status == 0) return;
  constexpr std::size_t longest = 300;
  throw Error(result.timed_out ? ErrorCode::timeout : ErrorCode::io,
              fmt::format("{} failed: {}", command.argv.front(), printable(result.err + result.out, longest)),
              "Is there room in the folder of --out and in TMPDIR?");
}

std::uint64_t size_of(const std::string& tree) {
  constexpr std::uint64_t cluster = 4096;
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    bytes += cluster;
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

}  // namespace

void make_boot_disk(const std::string& tree, const std::string& disk) {
  const auto content = (size_of(tree) + room_for_tables + mebibyte - 1) / mebibyte * mebibyte;
  const auto partition = std::max(content, smallest_partition);
  { const windows::SparseFile file(disk, partition + 2 * mebibyte); }
  run_tool({"sgdisk", fmt::format("--new=1:2048:+{}M", partition / mebibyte), "--typecode=1:ef00",
            "--change-name=1:EFI system", disk});
  const auto place = disk + "@@1M";
  run_tool({"mformat", "-i", place, "-F", "-T", std::to_string(partition / sector), "-h", "255", "-s", "63", "-H",
            "2048", "-v", "RESCUEPE", "::"});
  std::vector<std::string> copy{"mcopy", "-i", place, "-s", "-Q"};
  for (const auto& entry : fs::directory_iterator(tree)) copy.push_back(entry.path().string());
  copy.emplace_back("::/");
  run_tool(copy);
}

}  // namespace rescue::winpe
