// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/fat_volume.hpp"

#include "core/disk/little_endian.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace rescue::disk {
namespace {

constexpr std::size_t boot_sector = 512;
constexpr std::size_t entry_bytes = 32;
constexpr std::uint64_t largest_fat = 16U << 20U;
constexpr std::uint64_t largest_folder = 2U << 20U;  // "FAT: General Overview": 65,536 entries
constexpr std::size_t most_names = 4096;

[[noreturn]] void refuse(const char* why) {
  throw Error(ErrorCode::precondition, std::string("the FAT volume can't be read: ") + why);
}

/// UTF-16 units of a long name as UTF-8; surrogates, which no name that is looked for has, as '?'.
std::string text_of(const std::u16string& units) {
  std::string text;
  for (const char16_t unit : units) {
    if (unit == 0) break;
    if (unit < 0x80) {
      text += static_cast<char>(unit);
    } else if (unit < 0x800) {
      text += static_cast<char>(0xc0 | (unit >> 6U));
      text += static_cast<char>(0x80 | (unit & 0x3fU));
    } else if (unit >= 0xd800 && unit < 0xe000) {
      text += '?';
    } else {
      text += static_cast<char>(0xe0 | (unit >> 12U));
      text += static_cast<char>(0x80 | ((unit >> 6U) & 0x3fU));
      text += static_cast<char>(0x80 | (unit & 0x3fU));
    }
  }
  return text;
}

/// "BOOTMG~1.EFI" of the eleven characters of an entry. Windows NT has two bits for names in lower case.
std::string short_name_of(std::string_view raw, unsigned nt_bits) {
  constexpr unsigned lower_base = 0x08;
  constexpr unsigned lower_ending = 0x10;
  auto base = trimmed(std::string(raw.substr(0, 8)), " ");
  auto ending = trimmed(std::string(raw.substr(8, 3)), " ");
  if ((nt_bits & lower_base) != 0) base = lower_case(base);
  if ((nt_bits & lower_ending) != 0) ending = lower_case(ending);
  return ending.empty() ? base : base + "." + ending;
}

unsigned checksum_of(std::string_view raw) {
  unsigned sum = 0;
  for (const unsigned char c : raw) sum = (((sum & 1U) << 7U) + (sum >> 1U) + c) & 0xffU;
  return sum;
}

/// Collects the parts of a long name, which come before its entry, last part first.
class LongName {
public:
  void add(const std::string& bytes, std::size_t at) {
    const auto order = static_cast<unsigned char>(bytes[at]);
    constexpr unsigned last = 0x40;
    constexpr unsigned most_parts = 20;
    const auto number = order & 0x1fU;
    if ((order & last) != 0) {
      parts_.clear();
      expected_ = number;
      checksum_ = static_cast<unsigned char>(bytes[at + 13]);
    }
    if (number == 0 || number > most_parts || number != expected_ ||
        checksum_ != static_cast<unsigned char>(bytes[at + 13])) {
      return clear();
    }
    std::u16string part;
    for (const auto& [offset, count] : {std::pair<std::size_t, std::size_t>{1, 5}, {14, 6}, {28, 2}}) {
      for (std::size_t i = 0; i < count; ++i) {
        part += static_cast<char16_t>(number_at<std::uint16_t>(bytes, at + offset + 2 * i));
      }
    }
    parts_ = part + parts_;
    expected_ = number - 1;
    complete_ = expected_ == 0;
  }
  /// The name if it belongs to this entry; else empty.
  std::string take(std::string_view raw) {
    const auto name = complete_ && checksum_ == checksum_of(raw) ? text_of(parts_) : "";
    clear();
    return name;
  }
  void clear() {
    parts_.clear();
    complete_ = false;
    expected_ = 0;
  }

private:
  std::u16string parts_;
  unsigned expected_ = 0;
  unsigned checksum_ = 0;
  bool complete_ = false;
};

}  // namespace

FatVolume::FatVolume(const DiskBytes& disk, std::uint64_t start, std::uint64_t bytes)
    : disk_(disk), start_(start), bytes_(bytes) {
  std::string boot(boot_sector, '\0');
  if (!read_at(boot.data(), boot.size(), 0)) refuse("its first sector can't be read");
  const std::uint64_t sector = number_at<std::uint16_t>(boot, 11);
  const std::uint64_t per_cluster = static_cast<unsigned char>(boot[13]);
  const std::uint64_t reserved = number_at<std::uint16_t>(boot, 14);
  const std::uint64_t copies = static_cast<unsigned char>(boot[16]);
  const std::uint64_t root_entries = number_at<std::uint16_t>(boot, 17);
  std::uint64_t total = number_at<std::uint16_t>(boot, 19);
  if (total == 0) total = number_at<std::uint32_t>(boot, 32);
  std::uint64_t fat_sectors = number_at<std::uint16_t>(boot, 22);
  const bool fat32 = fat_sectors == 0;
  if (fat32) fat_sectors = number_at<std::uint32_t>(boot, 36);
  const bool sizes = (sector == 512 || sector == 1024 || sector == 2048 || sector == 4096) && per_cluster != 0 &&
                     (per_cluster & (per_cluster - 1)) == 0 && reserved != 0 && copies != 0 && fat_sectors != 0;
  if (!sizes) refuse("its first sector is damaged");
  root_at_ = (reserved + copies * fat_sectors) * sector;
  root_bytes_ = root_entries * entry_bytes;
  data_at_ = root_at_ + (root_bytes_ + sector - 1) / sector * sector;
  if (total * sector > bytes_ || data_at_ >= total * sector) refuse("it is larger than its partition");
  cluster_bytes_ = sector * per_cluster;
  clusters_ = static_cast<std::uint32_t>((total * sector - data_at_) / cluster_bytes_);
  // Firmware and Windows take a volume for FAT32 by its fields, also if it has fewer clusters than the specification
  // asks.
  bits_ = fat32 ? 32 : clusters_ < 4085 ? 12 : 16;
  if (bits_ == 32) root_cluster_ = number_at<std::uint32_t>(boot, 44);
  const auto needed = (std::uint64_t{clusters_} + 2) * bits_ / 8 + 1;
  if (needed > largest_fat) refuse("its FAT is too large");
  fat_.resize(std::min(needed, fat_sectors * sector));
  if (!read_at(fat_.data(), fat_.size(), reserved * sector)) refuse("its FAT can't be read");
}

bool FatVolume::read_at(void* into, std::size_t size, std::uint64_t offset) const noexcept {
  return offset <= bytes_ && size <= bytes_ - offset && disk_.read(into, size, start_ + offset);
}

/// 0: the chain ends here, or is damaged.
std::uint32_t FatVolume::next_of(std::uint32_t cluster) const {
  std::uint32_t next = 0;
  const std::size_t at = std::size_t{cluster} * bits_ / 8;
  if (at + (bits_ == 32 ? 4 : 2) > fat_.size()) return 0;
  if (bits_ == 32) {
    next = number_at<std::uint32_t>(fat_, at) & 0x0fff'ffffU;
  } else {
    next = number_at<std::uint16_t>(fat_, at);
    if (bits_ == 12) next = (cluster & 1U) != 0 ? next >> 4U : next & 0x0fffU;
  }
  return next >= 2 && next < clusters_ + 2 ? next : 0;
}

/// Content of a chain, whole clusters, at most `most` bytes; none if it can't be read.
std::optional<std::string> FatVolume::content_of(std::uint32_t cluster, std::uint64_t most) const {
  std::string content;
  std::uint32_t seen = 0;
  while (cluster >= 2 && cluster < clusters_ + 2 && content.size() < most) {
    // Clusters that follow each other are read at once: most files have no others.
    const auto first = cluster;
    std::uint64_t run = 0;
    do {
      if (++seen > clusters_) return std::nullopt;  // a loop
      run += cluster_bytes_;
      cluster = next_of(cluster);
    } while (cluster == first + run / cluster_bytes_ && content.size() + run < most);
    const auto place = content.size();
    content.resize(place + run);
    const auto at = data_at_ + std::uint64_t{first - 2} * cluster_bytes_;
    if (!read_at(content.data() + place, run, at)) return std::nullopt;
  }
  return content;
}

std::vector<FatVolume::Entry> FatVolume::entries_of(const Entry& folder) const {
  std::string bytes;
  if (folder.cluster == 0 && bits_ != 32) {
    bytes.resize(root_bytes_);
    if (!read_at(bytes.data(), bytes.size(), root_at_)) return {};
  } else {
    auto content = content_of(folder.cluster == 0 ? root_cluster_ : folder.cluster, largest_folder);
    if (!content) return {};
    bytes = *std::move(content);
  }
  std::vector<Entry> entries;
  LongName long_name;
  for (std::size_t at = 0; at + entry_bytes <= bytes.size() && bytes[at] != '\0' && entries.size() < most_names;
       at += entry_bytes) {
    const auto attributes = static_cast<unsigned char>(bytes[at + 11]);
    constexpr char deleted = '\xe5';
    constexpr unsigned part_of_name = 0x0f;
    constexpr unsigned label = 0x08;
    constexpr unsigned is_folder = 0x10;
    const auto raw = std::string_view(bytes).substr(at, 11);
    if (bytes[at] == deleted || (attributes & label) != 0) {
      if (bytes[at] != deleted && (attributes & 0x3fU) == part_of_name) {
        long_name.add(bytes, at);
      } else {
        long_name.clear();
      }
      continue;
    }
    Entry entry;
    entry.short_name = short_name_of(raw, static_cast<unsigned char>(bytes[at + 12]));
    entry.name = long_name.take(raw);
    if (entry.name.empty()) entry.name = entry.short_name;
    entry.cluster = number_at<std::uint16_t>(bytes, at + 26);
    if (bits_ == 32) entry.cluster |= std::uint32_t{number_at<std::uint16_t>(bytes, at + 20)} << 16U;
    entry.bytes = number_at<std::uint32_t>(bytes, at + 28);
    entry.folder = (attributes & is_folder) != 0;
    if (entry.name != "." && entry.name != "..") entries.push_back(std::move(entry));
  }
  return entries;
}

std::optional<FatVolume::Entry> FatVolume::find(const std::string& path) const {
  Entry at;
  at.folder = true;
  std::string_view rest = trimmed_view(path, "/");
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    const auto wanted = lower_case(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!at.folder) return std::nullopt;
    auto entries = entries_of(at);
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return lower_case(entry.name) == wanted || lower_case(entry.short_name) == wanted;
    });
    if (found == entries.end()) return std::nullopt;
    at = std::move(*found);
    if (at.folder && at.cluster == 0) return std::nullopt;  // damaged: only the root has no cluster
  }
  return at;
}

std::optional<std::uint64_t> FatVolume::size_of(const std::string& path) const {
  const auto entry = find(path);
  return entry && !entry->folder ? std::optional<std::uint64_t>(entry->bytes) : std::nullopt;
}

std::optional<std::string> FatVolume::read(const std::string& path, std::uint64_t largest) const {
  const auto entry = find(path);
  if (!entry || entry->folder || entry->bytes > largest) return std::nullopt;
  if (entry->bytes == 0) return "";
  auto content = content_of(entry->cluster, entry->bytes);
  if (!content || content->size() < entry->bytes) return std::nullopt;  // the chain is shorter than the file
  content->resize(entry->bytes);
  return content;
}

std::optional<std::vector<Extent>> FatVolume::extents_of(const std::string& path) const {
  const auto entry = find(path);
  if (!entry || entry->folder) return std::nullopt;
  std::vector<Extent> extents;
  std::uint64_t left = entry->bytes;
  std::uint32_t seen = 0;
  for (auto cluster = entry->cluster; left > 0; cluster = next_of(cluster)) {
    if (cluster < 2 || cluster >= clusters_ + 2 || ++seen > clusters_) return std::nullopt;  // too short, or a loop
    const auto at = start_ + data_at_ + std::uint64_t{cluster - 2} * cluster_bytes_;
    const auto bytes = std::min(left, cluster_bytes_);
    if (!extents.empty() && extents.back().start + extents.back().bytes == at) {
      extents.back().bytes += bytes;
    } else {
      extents.push_back({at, bytes});
    }
    left -= bytes;
  }
  return extents;
}

std::vector<std::string> FatVolume::names_in(const std::string& path) const {
  std::vector<std::string> names;
  const auto folder = find(path);
  if (!folder || !folder->folder) return names;
  for (auto& entry : entries_of(*folder)) names.push_back(std::move(entry.name));
  return names;
}

std::vector<FatVolume::Item> FatVolume::items_in(const std::string& path) const {
  std::vector<Item> items;
  const auto folder = find(path);
  if (!folder || !folder->folder) return items;
  for (auto& entry : entries_of(*folder)) items.push_back({std::move(entry.name), entry.bytes, entry.folder});
  return items;
}

}  // namespace rescue::disk
