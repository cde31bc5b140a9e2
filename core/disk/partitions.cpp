// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/partitions.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <libfdisk/libfdisk.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace rescue::disk {
namespace {

constexpr std::size_t boot_sector = 512;
constexpr std::uint64_t copied_of_each_end = 1U << 20U;
constexpr std::size_t most_partitions = 128;

using Context = Handle<fdisk_context, fdisk_unref_context>;
using Table = Handle<fdisk_table, fdisk_unref_table>;

/// Copies a range of the disk to the same place of a file.
void copy(const DiskBytes& disk, int fd, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size, '\0');
  if (!disk.read(bytes.data(), bytes.size(), offset)) {
    throw Error(ErrorCode::io, fmt::format("cannot read {} bytes of the disk at {}", size, offset),
                "The disk is damaged; an image is checked with `qemu-img check`.");
  }
  if (::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes.size())) {
    throw system_error("cannot copy the partition table", errno);
  }
}

/// Copies the boot records of logical partitions: each names the next one, relative to the extended partition.
void copy_logical(const DiskBytes& disk, int fd) {
  constexpr std::size_t first_entry = 446;
  constexpr std::size_t entry_size = 16;
  std::array<char, boot_sector> record{};
  const auto next_of = [&]() -> std::uint64_t {
    for (std::size_t at = first_entry; at < first_entry + 4 * entry_size; at += entry_size) {
      const auto type = static_cast<unsigned char>(record[at + 4]);
      std::uint32_t start = 0;
      std::memcpy(&start, record.data() + at + 8, sizeof start);
      if ((type == 0x05 || type == 0x0f || type == 0x85) && start != 0) return start;
    }
    return 0;
  };
  if (!disk.read(record.data(), record.size(), 0)) return;
  const auto extended = next_of();
  auto at = extended;
  for (std::size_t i = 0; i < most_partitions && at != 0; ++i) {
    const auto offset = at * disk.sector_size();
    if (!disk.read(record.data(), record.size(), offset)) return;
    if (::pwrite(fd, record.data(), record.size(), static_cast<off_t>(offset)) < 0) return;
    const auto next = next_of();
    at = next == 0 ? 0 : extended + next;
  }
}

/// A sparse file in memory as large as the disk, with both ends of it and the boot records of logical partitions:
/// libfdisk reads files only.
FileDescriptor ends_of(const DiskBytes& disk) {
  FileDescriptor file(::memfd_create("partition-table", MFD_CLOEXEC));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(disk.size())) != 0) {
    throw system_error("cannot copy the partition table", errno);
  }
  const auto part = std::min(copied_of_each_end, disk.size());
  copy(disk, file.get(), 0, part);
  if (disk.size() > part) copy(disk, file.get(), disk.size() - part, part);
  copy_logical(disk, file.get());
  return file;
}

/// Tells file systems apart by their first sector, where all of these have their names.
std::string filesystem_at(const DiskBytes& disk, std::uint64_t offset) {
  std::array<char, boot_sector> boot{};
  if (!disk.read(boot.data(), boot.size(), offset)) return "";
  const std::string_view bytes(boot.data(), boot.size());
  constexpr std::size_t name = 3;
  constexpr std::size_t fat32_name = 82;
  constexpr std::size_t fat16_name = 54;
  if (bytes.substr(name).starts_with("NTFS    ")) return "ntfs";
  if (bytes.substr(name).starts_with("-FVE-FS-")) return "bitlocker";
  if (bytes.substr(name).starts_with("ReFS")) return "refs";
  if (bytes.substr(fat32_name).starts_with("FAT32") || bytes.substr(fat16_name).starts_with("FAT")) return "fat";
  return "";
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::string type_of(fdisk_parttype* type) {
  if (type == nullptr) return "";
  if (const char* guid = fdisk_parttype_get_string(type)) return lower_case(guid);
  return fmt::format("0x{:02x}", fdisk_parttype_get_code(type));
}

Partition describe(const DiskBytes& disk, fdisk_partition* entry) {
  Partition partition;
  partition.number = static_cast<unsigned>(fdisk_partition_get_partno(entry)) + 1;
  partition.start = fdisk_partition_get_start(entry) * disk.sector_size();
  partition.bytes = fdisk_partition_has_size(entry) != 0 ? fdisk_partition_get_size(entry) * disk.sector_size() : 0;
  partition.type = type_of(fdisk_partition_get_type(entry));
  partition.id = lower_case(text_or_empty(fdisk_partition_get_uuid(entry)));
  partition.name = text_or_empty(fdisk_partition_get_name(entry));
  partition.active = fdisk_partition_is_bootable(entry) != 0;
  partition.filesystem = filesystem_at(disk, partition.start);
  return partition;
}

/// libfdisk has "0x1A2B3C4D" for the signature of an MBR.
std::string id_of(fdisk_context* context) {
  char* raw = nullptr;
  if (fdisk_get_disklabel_id(context, &raw) != 0) return "";
  const std::unique_ptr<char, ReleaseWith<std::free>> id(raw);
  auto text = lower_case(text_or_empty(id.get()));
  return text.starts_with("0x") ? text.substr(2) : text;
}

}  // namespace

PartitionTable read_partitions(const DiskBytes& disk) {
  const auto ends = disk.descriptor() < 0 ? ends_of(disk) : FileDescriptor();
  const int file = ends ? ends.get() : disk.descriptor();
  const Context context(fdisk_new_context());
  constexpr int read_only = 1;
  if (!context || fdisk_save_user_sector_size(context.get(), disk.sector_size(), disk.sector_size()) != 0 ||
      fdisk_assign_device_by_fd(context.get(), file, "disk", read_only) != 0) {
    return {"none", "", {}};
  }
  PartitionTable result;
  if (fdisk_is_label(context.get(), GPT))
    result.kind = "gpt";
  else if (fdisk_is_label(context.get(), DOS))
    result.kind = "mbr";
  else
    return {"none", "", {}};
  result.id = id_of(context.get());
  fdisk_table* raw = nullptr;
  if (fdisk_get_partitions(context.get(), &raw) != 0) return {"none", "", {}};
  const Table table(raw);
  const auto count = std::min(fdisk_table_get_nents(table.get()), most_partitions);
  for (std::size_t i = 0; i < count; ++i) {
    auto* const entry = fdisk_table_get_partition(table.get(), i);
    if (entry == nullptr || fdisk_partition_has_start(entry) == 0 || fdisk_partition_has_partno(entry) == 0) continue;
    result.partitions.push_back(describe(disk, entry));
  }
  return result;
}

}  // namespace rescue::disk
