// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/contents.hpp"

#include "core/handle.hpp"
#include "core/printable.hpp"

#include <blkid/blkid.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace rescue::windows_disk {
namespace {

using domain::Content;

constexpr std::size_t longest_text = 200;
constexpr int most_signatures = 8;

using Probe = Handle<std::remove_pointer_t<blkid_probe>, blkid_free_probe>;

Content content_named(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, Content>, 7> names{{{"ntfs", Content::ntfs},
                                                                       {"vfat", Content::fat},
                                                                       {"exfat", Content::exfat},
                                                                       {"ReFS", Content::refs},
                                                                       {"BitLocker", Content::bitlocker},
                                                                       {"linux_raid_member", Content::linux_raid},
                                                                       {"LVM2_member", Content::lvm}}};
  for (const auto& [name, content] : names) {
    if (name == type) return content;
  }
  return type.ends_with("_raid_member") ? Content::firmware_raid : Content::other;
}

std::string value_of(blkid_probe probe, const char* name) {
  const char* text = nullptr;
  if (blkid_probe_lookup_value(probe, name, &text, nullptr) != 0 || text == nullptr) return "";
  return printable(text, longest_text);
}

/// Major and minor version in the volume's header (libblkid does not read them).
std::string refs_version(int disk, std::uint64_t start) {
  constexpr off_t place = 0x28;
  std::array<unsigned char, 2> version{};
  if (::pread(disk, version.data(), version.size(), static_cast<off_t>(start) + place) != ssize_t{version.size()}) {
    return "";
  }
  return fmt::format("{}.{}", version[0], version[1]);
}

}  // namespace

Contents contents_of(int disk, std::uint64_t start, std::uint64_t bytes, unsigned sector_size) {
  Contents found;
  const Probe probe(blkid_new_probe());
  if (!probe || bytes == 0 ||
      blkid_probe_set_device(probe.get(), disk, static_cast<blkid_loff_t>(start), static_cast<blkid_loff_t>(bytes)) !=
          0) {
    return found;
  }
  (void)blkid_probe_set_sectorsize(probe.get(), sector_size);
  (void)blkid_probe_enable_superblocks(probe.get(), 1);
  (void)blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
  (void)blkid_probe_enable_partitions(probe.get(), 0);
  for (int i = 0; i < most_signatures && blkid_do_probe(probe.get()) == 0; ++i) {
    const auto type = value_of(probe.get(), "TYPE");
    if (type.empty()) continue;
    const auto content = content_named(type);
    // A member of a mirror begins with the mirror's file system: the mirror is what counts.
    if (found.content == Content::unknown || content == Content::firmware_raid) found.content = content;
    if (found.label.empty()) found.label = value_of(probe.get(), "LABEL");
    found.name += (found.name.empty() ? "" : ", ") + type;
  }
  if (found.content == Content::refs) found.name = refs_version(disk, start);
  return found;
}

Content content_by_first_sector(std::string_view filesystem) {
  if (filesystem == "ntfs") return Content::ntfs;
  if (filesystem == "bitlocker") return Content::bitlocker;
  if (filesystem == "refs") return Content::refs;
  return filesystem == "fat" ? Content::fat : Content::unknown;
}

Content content_by_type(std::string_view type) {
  // "PARTITION_INFORMATION_GPT" in Microsoft's documentation; 0x42: "Disk Partition Types".
  if (type == "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3" || type == "af9b60a0-1431-4f62-bc68-3311714a69ad" ||
      type == "0x42") {
    return Content::ldm;
  }
  if (type == "e75caf8f-f680-4cee-afa3-b001e56efc2d") return Content::storage_spaces;
  return Content::unknown;
}

}  // namespace rescue::windows_disk
