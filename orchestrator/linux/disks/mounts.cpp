// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/mounts.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <libmount/libmount.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string_view>

namespace rescue::linux {
namespace {

using Table = Handle<libmnt_table, mnt_unref_table>;
using Iterator = Handle<libmnt_iter, mnt_free_iter>;

std::string text(const char* string) { return string != nullptr ? string : ""; }

/// The non-empty parts between colons.
void add_parts(std::string_view rest, std::vector<std::string>& into) {
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (const auto part = rest.substr(0, colon); !part.empty()) into.emplace_back(part);
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  }
}

/// The value of an option: folders separated by colons (data-only layers of an overlay by two), or one device.
void add_option(libmnt_fs* fs, const char* option, std::vector<std::string>& into) {
  char* value = nullptr;
  std::size_t size = 0;
  if (mnt_fs_get_option(fs, option, &value, &size) == 0 && value != nullptr) add_parts({value, size}, into);
}

void add_more_sources(libmnt_fs* fs, Mount& mount) {
  if (mount.type == "xfs") {
    for (const char* option : {"logdev", "rtdev"}) add_option(fs, option, mount.more_sources);
  } else if (mount.type == "bcachefs") {  // "/dev/sda:/dev/sdb"
    add_parts(mount.source, mount.more_sources);
  }
}

Mount mount_from(libmnt_fs* fs) {
  Mount mount;
  const auto device = mnt_fs_get_devno(fs);
  mount.device = std::to_string(major(device)) + ":" + std::to_string(minor(device));
  mount.source = text(mnt_fs_get_source(fs));
  mount.target = text(mnt_fs_get_target(fs));
  mount.type = text(mnt_fs_get_fstype(fs));
  if (mount.type == "overlay" || mount.type == "aufs") {
    for (const char* option : {"lowerdir", "upperdir", "workdir"}) add_option(fs, option, mount.layer_paths);
  }
  add_more_sources(fs, mount);
  return mount;
}

template <class Visit>
void for_each(libmnt_table* table, Visit visit) {
  const Iterator iterator(mnt_new_iter(MNT_ITER_FORWARD));
  libmnt_fs* fs = nullptr;
  while (mnt_table_next_fs(table, iterator.get(), &fs) == 0) visit(fs);
}

}  // namespace

std::vector<Mount> read_mounts(const std::string& mountinfo_path) {
  if (::access(mountinfo_path.c_str(), R_OK) != 0) return {};
  const Table table(mnt_new_table());
  if (!table || mnt_table_parse_file(table.get(), mountinfo_path.c_str()) != 0) {
    throw Error(ErrorCode::io, "cannot read the mounts of the host from " + mountinfo_path);
  }
  std::vector<Mount> mounts;
  for_each(table.get(), [&](libmnt_fs* fs) { mounts.push_back(mount_from(fs)); });
  return mounts;
}

std::vector<std::string> read_swaps(const std::string& swaps_path) {
  if (::access(swaps_path.c_str(), R_OK) != 0) return {};
  const Table table(mnt_new_table());
  if (!table || mnt_table_parse_swaps(table.get(), swaps_path.c_str()) != 0) {
    throw Error(ErrorCode::io, "cannot read the swap areas of the host from " + swaps_path);
  }
  std::vector<std::string> sources;
  for_each(table.get(), [&](libmnt_fs* fs) { sources.push_back(text(mnt_fs_get_source(fs))); });
  return sources;
}

}  // namespace rescue::linux
