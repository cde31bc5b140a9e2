// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-identity: prints the identity of a disk, or gives the disk in a session's overlay a new one. A program of its
// own, since it reads what a customer or a guest can have written, and since libntfs-3g is under the GPL.
#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "orchestrator/identity/overlay_disk.hpp"
#include "orchestrator/identity/renewal.hpp"
#include "orchestrator/windows/confinement.hpp"

#include <nlohmann/json.hpp>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace identity = rescue::identity;

constexpr const char* how_to_use = "usage: rescue-identity read < DISK\n"
                                   "       rescue-identity show OVERLAY\n"
                                   "       rescue-identity renew OVERLAY < TAKEN\n"
                                   "Prints as JSON what Windows tells a disk and its partitions apart by: of a disk, "
                                   "or of the disk in a qcow2 overlay.\n"
                                   "renew gives the disk in the overlay new GUIDs or a new signature, and serial "
                                   "numbers, and writes the new ones where\n"
                                   "the boot configuration and the registry of its Windows name the old ones. TAKEN is "
                                   "a JSON list of numbers not to use.\n"
                                   "Example:\n  rescue-identity read < /dev/sda\n";

void random_bytes(char* bytes, std::size_t count) {
  while (count > 0) {
    const auto got = ::getrandom(bytes, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw rescue::system_error("there are no random numbers", errno);
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
}

std::vector<std::string> read_taken() {
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || text.size() > rescue::largest_peer_json) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  const auto json = rescue::parse_peer_json(text);
  if (!json.is_array()) throw rescue::Error(rescue::ErrorCode::usage, "stdin holds no JSON list of numbers");
  return json.get<std::vector<std::string>>();
}

std::string read_disk() {
  rescue::windows_disk::confine();
  const rescue::disk::DiskDescriptor disk(STDIN_FILENO);
  return to_json(identity::identity_of(disk)).dump();
}

std::string show(const std::string& overlay) {
  const identity::OverlayDisk disk(overlay, identity::Access::read_only);
  rescue::windows_disk::confine({.more_calls = identity::calls_of_overlay_disk()});
  return to_json(identity::identity_of(disk)).dump();
}

std::string renew(const std::string& overlay) {
  const auto taken = read_taken();
  identity::OverlayDisk disk(overlay, identity::Access::read_write);
  rescue::windows_disk::confine({.more_calls = identity::calls_of_overlay_disk()});
  rescue::domain::RenewedIdentity renewed;
  try {
    auto renewal = identity::plan_renewal(disk, taken, random_bytes);
    disk.write(renewal.patches);
    renewed.identity = std::move(renewal.identity);
  } catch (const rescue::Error& error) {
    if (error.code() != rescue::ErrorCode::precondition) throw;
    renewed = {identity::identity_of(disk), error.what()};  // nothing was written
  }
  if (identity::identity_of(disk) != renewed.identity) {
    throw rescue::Error(rescue::ErrorCode::io, "the overlay does not have the identity that was written to it");
  }
  disk.close();
  return to_json(renewed).dump();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    std::string text;
    if (arguments.size() == 1 && arguments[0] == "read" && ::isatty(STDIN_FILENO) == 0) {
      text = read_disk();
    } else if (arguments.size() == 2 && arguments[0] == "show") {
      text = show(arguments[1]);
    } else if (arguments.size() == 2 && arguments[0] == "renew") {
      text = renew(arguments[1]);
    } else {
      (void)std::fputs(how_to_use, stderr);
      return rescue::exit_code_of(rescue::ErrorCode::usage);
    }
    text += "\n";
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "rescue-identity: %s\n", rescue::report_of(error).one_line().c_str());
    return 1;
  }
}
