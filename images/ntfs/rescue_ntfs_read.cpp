// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-ntfs-read: prints facts about the Windows in a disk image. A program of its own, since libntfs-3g is under the
// GPL, and since it reads file systems and registries that others made.

#include "core/error.hpp"
#include "core/program.hpp"
#include "images/ntfs/query.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <iostream>
#include <iterator>
#include <string>

namespace {

constexpr std::size_t largest_query = 1U << 20U;

/// Bounds the damage that a hostile image can do: no more rights than now, 2 GiB, two minutes of a processor. qemu-nbd
/// runs already, and keeps the limits that it started with.
void confine() {
#ifdef __SANITIZE_ADDRESS__
  constexpr rlim_t memory = RLIM_INFINITY;  // its shadow takes terabytes of addresses
#else
  constexpr rlim_t memory = 2UL << 30U;
#endif
  constexpr rlim_t seconds = 120;
  const rlimit space{memory, memory};
  const rlimit time{seconds, seconds};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::setrlimit(RLIMIT_AS, &space) != 0 ||
      ::setrlimit(RLIMIT_CPU, &time) != 0) {
    throw rescue::system_error("cannot limit this process", errno);
  }
}

std::string read_query() {
  std::string text;
  for (std::istreambuf_iterator<char> at(std::cin), end; at != end && text.size() <= largest_query; ++at) text += *at;
  if (text.size() <= largest_query) return text;
  throw rescue::Error(rescue::ErrorCode::usage, "the query on stdin is longer than 1 MiB");
}

int run(int argc, char** argv) {
  CLI::App app("Prints facts about the Windows in a disk image, as JSON.", "rescue-ntfs-read");
  app.set_version_flag("--version", std::string("rescue-ntfs-read ") + RESCUE_VERSION);
  app.footer("Reads only; runs qemu-nbd. The query is JSON on stdin. rescue-image runs this program.\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 the image can't be opened.\n"
             "Example:\n  echo '{\"files\": [\"System32/ntoskrnl.exe\"]}' | rescue-ntfs-read qcow2 image.qcow2");
  std::string format;
  std::string image;
  app.add_option("FORMAT", format, "Format of the image: qcow2, vhdx, vpc (VHD) or raw")
      ->required()
      ->check(CLI::IsMember({"qcow2", "vhdx", "vpc", "raw"}));
  app.add_option("IMAGE", image, "Image of a disk")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : rescue::exit_code_of(rescue::ErrorCode::usage);
  }
  const auto query = rescue::ntfs::parse_query(read_query());
  const rescue::ntfs::NbdDisk disk(format, image);
  confine();
  fmt::print("{}\n", rescue::ntfs::answer(disk, query).dump());
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
