// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/ntfs_volume.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

extern "C" {
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/layout.h>
#include <ntfs-3g/logfile.h>
#include <ntfs-3g/logging.h>
#include <ntfs-3g/ntfstime.h>
#include <ntfs-3g/volume.h>
}
// Macros of these headers that hide std::min and std::max.
#undef min
#undef max

namespace rescue::disk {
namespace {

constexpr std::uint32_t wof_tag = 0x80000017;  // IO_REPARSE_TAG_WOF, "Reparse Tags", [MS-FSCC] 2.1.2.1
constexpr std::size_t most_names = 50'000;

/// Range of the disk that libntfs-3g sees as its device.
struct Window {
  const DiskBytes* disk;
  std::uint64_t start;
  std::uint64_t bytes;
  s64 position = 0;
};

Window& window_of(ntfs_device* device) { return *static_cast<Window*>(device->d_private); }

s64 read_at(ntfs_device* device, void* into, s64 count, s64 offset) {
  auto& window = window_of(device);
  if (count < 0 || offset < 0 || static_cast<std::uint64_t>(offset) > window.bytes) {
    errno = EINVAL;
    return -1;
  }
  const auto size = std::min(static_cast<std::uint64_t>(count), window.bytes - static_cast<std::uint64_t>(offset));
  if (!window.disk->read(into, size, window.start + static_cast<std::uint64_t>(offset))) {
    errno = EIO;
    return -1;
  }
  return static_cast<s64>(size);
}

s64 read_next(ntfs_device* device, void* into, s64 count) {
  auto& window = window_of(device);
  const auto read = read_at(device, into, count, window.position);
  if (read > 0) window.position += read;
  return read;
}

s64 seek(ntfs_device* device, s64 offset, int whence) {
  auto& window = window_of(device);
  if (whence == SEEK_CUR) offset += window.position;
  if (whence == SEEK_END) offset += static_cast<s64>(window.bytes);
  if (offset < 0) {
    errno = EINVAL;
    return -1;
  }
  return window.position = offset;
}

int open_device(ntfs_device* device, int) {
  NDevSetOpen(device);
  NDevSetReadOnly(device);
  return 0;
}

int close_device(ntfs_device* device) {
  NDevClearOpen(device);
  return 0;
}

int state_of_device(ntfs_device* device, struct stat* status) {
  *status = {};
  status->st_mode = S_IFREG;
  status->st_size = static_cast<off_t>(window_of(device).bytes);
  return 0;
}

template <class... Arguments>
s64 refuse(ntfs_device*, Arguments...) {
  errno = EROFS;
  return -1;
}

int nothing_to_sync(ntfs_device*) { return 0; }

int no_control(ntfs_device*, unsigned long, void*) {
  errno = ENOTTY;
  return -1;
}

ntfs_device_operations operations() {
  ntfs_device_operations all{};
  all.open = open_device;
  all.close = close_device;
  all.seek = seek;
  all.read = read_next;
  all.write = refuse<const void*, s64>;
  all.pread = read_at;
  all.pwrite = refuse<const void*, s64, s64>;
  all.sync = nothing_to_sync;
  all.stat = state_of_device;
  all.ioctl = no_control;
  return all;
}

void close_inode(ntfs_inode* inode) { (void)ntfs_inode_close(inode); }
using Inode = Handle<ntfs_inode, close_inode>;
using Attribute = Handle<ntfs_attr, ntfs_attr_close>;

Inode find(ntfs_volume* volume, const std::string& path) {
  return Inode(ntfs_pathname_to_inode(volume, nullptr, path.c_str()));
}

Attribute open_attribute(ntfs_inode* inode, ATTR_TYPES type) {
  return Attribute(ntfs_attr_open(inode, type, AT_UNNAMED, 0));
}

bool is_wof_compressed(ntfs_inode* inode) {
  if ((inode->flags & FILE_ATTR_REPARSE_POINT) == 0) return false;
  const auto attribute = open_attribute(inode, AT_REPARSE_POINT);
  std::uint32_t tag = 0;
  return attribute && ntfs_attr_pread(attribute.get(), 0, sizeof tag, &tag) == sizeof tag &&
         le32_to_cpu(tag) == wof_tag;
}

/// Appends a name that is ASCII; names in 8.3 form are left out.
int add_name(void* list, const ntfschar* name, const int length, const int kind, const s64, const MFT_REF,
             const unsigned) {
  auto& names = *static_cast<std::vector<std::string>*>(list);
  if (kind == FILE_NAME_DOS || names.size() >= most_names) return 0;
  std::string text;
  for (int i = 0; i < length; ++i) {
    const auto unit = le16_to_cpu(name[i]);
    constexpr unsigned last_ascii = 0x7e;
    if (unit < ' ' || unit > last_ascii) return 0;
    text.push_back(static_cast<char>(unit));
  }
  names.push_back(std::move(text));
  return 0;
}

}  // namespace

struct NtfsVolume::Mounted {
  Window window;
  ntfs_device_operations calls = operations();
  ntfs_volume* volume = nullptr;
};

NtfsVolume::NtfsVolume(const DiskBytes& disk, std::uint64_t start, std::uint64_t bytes)
    : mounted_(std::make_unique<Mounted>()) {
  ntfs_log_set_handler(ntfs_log_handler_null);
  mounted_->window = {&disk, start, bytes, 0};
  auto* const device = ntfs_device_alloc("image", 0, &mounted_->calls, &mounted_->window);
  if (device == nullptr) throw system_error("cannot read an NTFS volume", errno);
  mounted_->volume = ntfs_device_mount(device, NTFS_MNT_RDONLY | NTFS_MNT_FORENSIC);
  if (mounted_->volume == nullptr) {
    const int reason = errno;
    ntfs_device_free(device);
    throw Error(ErrorCode::precondition, std::string("the NTFS volume can't be read: ") + std::strerror(reason),
                "Start the image once, run `chkdsk C: /f`, and shut it down.");
  }
  (void)ntfs_set_ignore_case(mounted_->volume);
}

NtfsVolume::~NtfsVolume() { (void)ntfs_umount(mounted_->volume, TRUE); }

_ntfs_volume* NtfsVolume::handle() const noexcept { return mounted_->volume; }

bool NtfsVolume::dirty() const { return (mounted_->volume->flags & VOLUME_IS_DIRTY) != 0; }

bool NtfsVolume::journal_is_unclean() const {
  const Inode inode(ntfs_inode_open(mounted_->volume, FILE_LogFile));
  if (!inode) return true;
  const auto log = open_attribute(inode.get(), AT_DATA);
  if (!log) return true;
  RESTART_PAGE_HEADER* restart = nullptr;
  const bool clean = ntfs_check_logfile(log.get(), &restart) != 0 && ntfs_is_logfile_clean(log.get(), restart) != 0;
  std::free(restart);
  return !clean;
}

bool NtfsVolume::hibernated() const {
  constexpr int quiet = 0;
  return ntfs_volume_check_hiberfile(mounted_->volume, quiet) != 0;
}

std::optional<FileState> NtfsVolume::state(const std::string& path) const {
  const auto inode = find(mounted_->volume, path);
  if (!inode) return std::nullopt;
  FileState state;
  state.folder = (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
  state.bytes = static_cast<std::uint64_t>(std::max<s64>(inode->data_size, 0));
  state.wof_compressed = is_wof_compressed(inode.get());
  state.modified = ntfs2timespec(inode->last_data_change_time).tv_sec;
  return state;
}

/// Hands the file's bytes to `take`, which says whether to go on.
template <class Take>
bool NtfsVolume::read_by_parts(const std::string& path, std::uint64_t largest, Take take) const {
  const auto inode = find(mounted_->volume, path);
  if (!inode || is_wof_compressed(inode.get())) return false;
  const auto data = open_attribute(inode.get(), AT_DATA);
  if (!data || data->data_size < 0 || static_cast<std::uint64_t>(data->data_size) > largest) return false;
  constexpr s64 part = 256 << 10U;
  std::string buffer(static_cast<std::size_t>(std::min(data->data_size, part)), '\0');
  s64 done = 0;
  while (done < data->data_size) {
    const auto count = ntfs_attr_pread(data.get(), done, std::min(data->data_size - done, part), buffer.data());
    if (count <= 0 || !take(std::string_view(buffer.data(), static_cast<std::size_t>(count)))) return false;
    done += count;
  }
  return true;
}

std::optional<std::string> NtfsVolume::read(const std::string& path, std::uint64_t largest) const {
  std::string content;
  const bool whole = read_by_parts(path, largest, [&](std::string_view part) {
    content += part;
    return true;
  });
  return whole ? std::optional(std::move(content)) : std::nullopt;
}

bool NtfsVolume::copy(const std::string& path, std::uint64_t largest, int descriptor) const {
  return read_by_parts(path, largest, [&](std::string_view part) {
    while (!part.empty()) {
      const auto count = ::write(descriptor, part.data(), part.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw system_error("cannot copy " + path, errno);
      part.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  });
}

std::optional<std::vector<Extent>> NtfsVolume::extents_of(const std::string& path) const {
  const auto inode = find(mounted_->volume, path);
  if (!inode || is_wof_compressed(inode.get())) return std::nullopt;
  const auto data = open_attribute(inode.get(), AT_DATA);
  if (!data || NAttrNonResident(data.get()) == 0 || NAttrCompressed(data.get()) != 0 || NAttrSparse(data.get()) != 0 ||
      NAttrEncrypted(data.get()) != 0 || data->data_size < 0 || data->initialized_size != data->data_size ||
      ntfs_attr_map_whole_runlist(data.get()) != 0) {
    return std::nullopt;
  }
  std::vector<Extent> extents;
  auto left = static_cast<std::uint64_t>(data->data_size);
  for (const auto* run = data->rl; run != nullptr && run->length > 0 && left > 0; ++run) {
    const std::uint64_t cluster = mounted_->volume->cluster_size;
    const auto& [disk, start, size, position] = mounted_->window;
    if (run->lcn < 0 || static_cast<std::uint64_t>(run->lcn) >= size / cluster) return std::nullopt;
    const auto at = static_cast<std::uint64_t>(run->lcn) * cluster;
    const auto bytes = std::min(left, static_cast<std::uint64_t>(run->length) > size / cluster
                                          ? size
                                          : static_cast<std::uint64_t>(run->length) * cluster);
    if (bytes > size - at) return std::nullopt;
    extents.push_back({start + at, bytes});
    left -= bytes;
  }
  return left == 0 ? std::optional(std::move(extents)) : std::nullopt;
}

std::vector<std::string> NtfsVolume::names_in(const std::string& path) const {
  std::vector<std::string> names;
  const auto inode = find(mounted_->volume, path);
  if (!inode || (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) == 0) return names;
  s64 position = 0;
  // Without regard to case libntfs-3g lists names in lower case.
  NVolSetCaseSensitive(mounted_->volume);
  (void)ntfs_readdir(inode.get(), &position, &names, add_name);
  NVolClearCaseSensitive(mounted_->volume);
  return names;
}

}  // namespace rescue::disk
