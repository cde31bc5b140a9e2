// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-inspect: prints facts about the disk on its standard input. A program of its own, since it reads what a
// hostile customer or guest can have written, and since libntfs-3g is under the GPL.
#include "core/error.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/domain/snapshot_form.hpp"
#include "orchestrator/windows/confinement.hpp"
#include "orchestrator/windows/inspection.hpp"
#include "orchestrator/windows/snapshot.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr const char* how_to_use =
    "usage: rescue-inspect [--snapshot] < DISK\n"
    "Prints facts about a disk or a raw image as JSON: partitions, file systems, each Windows. Reads only.\n"
    "--snapshot prints what it is started by instead: tables, boot sectors, boot configurations, digests of files.\n"
    "Copies of registry hives are made in $TMPDIR, and removed.\n"
    "Example:\n  rescue-inspect < /dev/sda\n";

}  // namespace

int main(int argc, char** argv) {
  constexpr int usage = 2;
  const bool snapshot = argc == 2 && std::string_view(argv[1]) == "--snapshot";
  if ((argc > 1 && !snapshot) || ::isatty(STDIN_FILENO) == 1) {
    (void)std::fputs(how_to_use, stderr);
    return usage;
  }
  try {
    const char* const folder = std::getenv("TMPDIR");
    const std::string scratch = folder == nullptr ? "/tmp" : folder;
    rescue::windows_disk::confine();
    const auto json = snapshot ? rescue::domain::to_json(rescue::windows_disk::take_snapshot(STDIN_FILENO, scratch))
                               : rescue::domain::to_json(rescue::windows_disk::inspect(STDIN_FILENO, scratch));
    const auto text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "rescue-inspect: %s\n", error.what());
    return 1;
  }
}
