// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/disk_paths.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace rescue::linux {
namespace {

bool have_one_name(const DiskPath& left, const DiskPath& right) {
  if (!left.identity.wwn.empty() && left.identity.wwn == right.identity.wwn) return true;
  const auto& wwid = left.device.wwid;
  return wwid == right.device.wwid && (wwid.starts_with("nvme.") || !wwn_from_wwid(wwid).empty());
}

/// Empty if udev made it from the WWN: then it adds nothing, and differs from page 80 of the other path.
std::string_view own_serial(const Identity& identity) {
  const std::string_view wwn = identity.wwn;
  const bool is_name = wwn.starts_with("0x") && wwn.substr(2) == identity.serial;
  return is_name ? std::string_view() : std::string_view(identity.serial);
}

/// The kernel reads a size when it finds a path. A path that could not answer then has no size, and one that was not
/// rescanned has the size before the LUN grew (multipathd ignores such a path). USB bridges give all their disks one
/// name and serial number: only the sizes differ.
bool have_one_size(const DiskPath& left, const DiskPath& right, bool same_serial) {
  if (left.device.size_bytes == right.device.size_bytes) return true;
  if (left.identity.transport == "usb" || right.identity.transport == "usb") return false;
  return same_serial || left.device.size_bytes == 0 || right.device.size_bytes == 0;
}

}  // namespace

bool are_paths_to_one(const DiskPath& left, const DiskPath& right) {
  if (left.device.is_virtual || right.device.is_virtual || !have_one_name(left, right)) return false;
  const auto one = own_serial(left.identity);
  const auto other = own_serial(right.identity);
  const bool both_tell = !one.empty() && !other.empty();
  if (both_tell && one != other) return false;
  return have_one_size(left, right, both_tell);
}

std::vector<std::vector<std::size_t>> grouped_by_disk(const std::vector<DiskPath>& paths) {
  std::vector<std::size_t> first_of;  // by index, the first path to the same disk
  for (std::size_t index = 0; index < paths.size(); ++index) {
    first_of.push_back(index);
    for (std::size_t other = 0; other < index; ++other) {
      if (!are_paths_to_one(paths[index], paths[other])) continue;
      const auto [first, later] = std::minmax({first_of[index], first_of[other]});
      std::replace(first_of.begin(), first_of.end(), later, first);
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> by_first;
  for (std::size_t index = 0; index < paths.size(); ++index) by_first[first_of[index]].push_back(index);
  std::vector<std::vector<std::size_t>> groups;
  groups.reserve(by_first.size());
  for (auto& [first, group] : by_first) groups.push_back(std::move(group));
  return groups;
}

}  // namespace rescue::linux
