// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The second disk, in place of a customer's: seen, left alone, unchanged.
#include "core/error.hpp"
#include "core/text.hpp"
#include "images/store.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/powershell.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>

namespace rescue::verify {
namespace {

/// Prints "ok" if `condition` holds for $disk, the second disk.
std::string about_second_disk(std::string_view condition, std::string_view reason) {
  return fmt::format("$disk = Get-Disk | Where-Object Size -eq {}; if (-not $disk) {{ 'there is no such disk' }} "
                     "elseif ({}) {{ 'ok' }} else {{ '{}' }}",
                     Subject::second_disk_sectors * sector, condition, reason);
}

/// Finds the disk by its size, which no other has, and prints its name and its uses: mounts, swap, device-mapper, md.
constexpr const char* uses_in_linux = R"(
for disk in /sys/block/*; do
  read -r size <"$disk/size" && [ "$size" = "$1" ] || continue
  name=${disk##*/}
  echo "$name"
  for node in "$disk" "$disk/$name"*; do
    [ -e "$node/dev" ] || continue
    read -r number <"$node/dev"
    while read -r id parent device rest; do
      [ "$device" != "$number" ] || echo "mounted: $rest"
    done </proc/self/mountinfo
    for holder in "$node/holders/"*; do [ ! -e "$holder" ] || echo "held by ${holder##*/}"; done
  done
  while read -r file rest; do
    case $file in "/dev/$name"*) echo "swap on $file" ;; esac
  done </proc/swaps
done
)";

/// Lines of the script: the disk's name, then its uses.
std::string linux_uses(Subject& subject) {
  const auto result = subject.machine().agent().run(
      {"/bin/sh", "-c", uses_in_linux, "sh", std::to_string(Subject::second_disk_sectors)}, subject.limits().command);
  if (result.exit_code != 0) {
    throw Error(ErrorCode::guest_agent, fmt::format("the guest's disks can't be listed: {}", result.output));
  }
  return trimmed(result.output);
}

}  // namespace

Verdict check_disk_visible(Subject& subject) {
  if (subject.kind() == Kind::windows) return judge_by_powershell(subject, about_second_disk("$disk", ""));
  const auto uses = linux_uses(subject);
  return uses.empty() ? failed("there is no such disk in /sys/block") : passed(uses.substr(0, uses.find('\n')));
}

Verdict check_disk_unused(Subject& subject) {
  if (subject.kind() == Kind::windows) {
    return judge_by_powershell(subject, about_second_disk("$disk.IsOffline", "the disk is online"));
  }
  const auto uses = linux_uses(subject);
  const auto end = uses.find('\n');
  return end == std::string::npos ? passed() : failed(uses.substr(end + 1));
}

Verdict check_disk_unchanged(Subject& subject) {
  subject.end_machine();  // QEMU writes the last of it
  return images::sha256_of_file(subject.second_disk()) == subject.second_disk_digest() ? passed()
                                                                                       : failed("its SHA-256 changed");
}

}  // namespace rescue::verify
