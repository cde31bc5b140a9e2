// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-inspect: prints facts about the disk on its standard input. A program of its own, since it reads what a
// hostile customer or guest can have written, and since libntfs-3g is under the GPL.
#include "core/error.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/windows/confinement.hpp"
#include "orchestrator/windows/inspection.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr const char* how_to_use =
    "usage: rescue-inspect < DISK\n"
    "Prints facts about a disk or a raw image as JSON: partitions, file systems, each Windows. Reads only.\n"
    "Copies of registry hives are made in $TMPDIR, and removed.\n"
    "Example:\n  rescue-inspect < /dev/sda\n";

}  // namespace

int main(int argc, char**) {
  constexpr int usage = 2;
  if (argc > 1 || ::isatty(STDIN_FILENO) == 1) {
    (void)std::fputs(how_to_use, stderr);
    return usage;
  }
  try {
    const char* const folder = std::getenv("TMPDIR");
    const std::string scratch = folder == nullptr ? "/tmp" : folder;
    rescue::windows_disk::confine();
    const auto facts = rescue::windows_disk::inspect(STDIN_FILENO, scratch);
    const auto text =
        rescue::domain::to_json(facts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "rescue-inspect: %s\n", error.what());
    return 1;
  }
}
