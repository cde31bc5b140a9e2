// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/ntfs_tree.hpp"

#include "core/disk/reparse_point.hpp"
#include "core/error.hpp"
#include "core/handle.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <utility>
#include <vector>

extern "C" {
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/layout.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>
}
// Macros of these headers that hide std::min and std::max.
#undef min
#undef max

namespace rescue::disk {
namespace {

constexpr std::size_t most_names = 2'000'000;  // in one folder
constexpr u64 first_of_users = FILE_first_user;
constexpr std::uint64_t most_of_a_disk = std::uint64_t{1} << 62U;

void close_inode(ntfs_inode* inode) { (void)ntfs_inode_close(inode); }
void free_text(ntfschar* text) { std::free(text); }
using Inode = Handle<ntfs_inode, close_inode>;
using Attribute = Handle<ntfs_attr, ntfs_attr_close>;
using Name = Handle<ntfschar, free_text>;

Error not_found(const std::string& path) {
  return {ErrorCode::not_found, "there is no " + path, "`rescuectl files ls` lists what there is."};
}

/// Number of the file with this name, exact or without regard to case; none: FILE_MFT, which is hidden.
u64 number_of(ntfs_volume* volume, ntfs_inode* folder, const std::string& name) {
  ntfschar* units = nullptr;
  const int length = ntfs_mbstoucs(name.c_str(), &units);
  const Name owner(units);
  constexpr int longest = 255;
  if (length <= 0 || length > longest) return FILE_MFT;
  constexpr u64 none = ~u64{0};
  NVolSetCaseSensitive(volume);
  auto found = ntfs_inode_lookup_by_name(folder, units, length);
  NVolClearCaseSensitive(volume);
  if (found == none) found = ntfs_inode_lookup_by_name(folder, units, length);
  return found == none ? u64{FILE_MFT} : MREF(found);
}

Inode opened(ntfs_volume* volume, u64 number, const std::string& path) {
  Inode inode(ntfs_inode_open(volume, number));
  if (!inode) throw Error(ErrorCode::disk, "the record of " + path + " in the file table is damaged");
  return inode;
}

bool is_folder(const ntfs_inode* inode) { return (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0; }

Inode find(ntfs_volume* volume, const std::string& path) {
  auto inode = opened(volume, FILE_root, "/");
  std::size_t at = 0;
  while (at < path.size()) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    if (name == "." || name == ".." || !is_folder(inode.get())) throw not_found(path);
    const auto number = number_of(volume, inode.get(), name);
    if (number < first_of_users) throw not_found(path);
    inode = opened(volume, number, path);
  }
  return inode;
}

Attribute attribute_of(ntfs_inode* inode, ATTR_TYPES type) {
  return Attribute(ntfs_attr_open(inode, type, AT_UNNAMED, 0));
}

ReparsePoint reparse_point_of(ntfs_inode* inode) {
  constexpr std::size_t longest = 16U << 10U;  // [MS-FSCC] 2.1.2
  const auto attribute = attribute_of(inode, AT_REPARSE_POINT);
  std::vector<char> bytes(longest);
  const auto count = attribute ? ntfs_attr_pread(attribute.get(), 0, longest, bytes.data()) : 0;
  return parse_reparse_point({bytes.data(), static_cast<std::size_t>(std::max<s64>(count, 0))});
}

std::uint32_t flags_of(const ntfs_inode* inode) {
  const auto attributes = static_cast<std::uint32_t>(le32_to_cpu(static_cast<le32>(inode->flags)));
  const auto has = [&](FILE_ATTR_FLAGS flag) { return (attributes & le32_to_cpu(static_cast<le32>(flag))) != 0; };
  std::uint32_t flags = 0;
  for (const auto& [theirs, ours] :
       std::initializer_list<std::pair<FILE_ATTR_FLAGS, EntryFlag>>{{FILE_ATTR_READONLY, entry_read_only},
                                                                    {FILE_ATTR_HIDDEN, entry_hidden},
                                                                    {FILE_ATTR_SYSTEM, entry_system},
                                                                    {FILE_ATTR_COMPRESSED, entry_compressed},
                                                                    {FILE_ATTR_SPARSE_FILE, entry_sparse},
                                                                    {FILE_ATTR_ENCRYPTED, entry_encrypted},
                                                                    {FILE_ATTR_REPARSE_POINT, entry_reparse_point}}) {
    if (has(theirs)) flags |= ours;
  }
  return flags;
}

/// From 100 ns since 1601 to seconds since 1970; a time outside of 64 bits does not exist.
void set_time(FileEntry& entry, ntfs_time time) {
  constexpr std::int64_t second = 10'000'000;
  constexpr std::int64_t between = 11'644'473'600;
  const auto units = static_cast<std::int64_t>(sle64_to_cpu(time));
  auto seconds = units / second;
  auto rest = units % second;
  if (rest < 0) {
    rest += second;
    --seconds;
  }
  entry.modified = seconds - between;
  entry.nanoseconds = static_cast<std::uint32_t>(rest * 100);
}

void set_reparse_point(FileEntry& entry, ntfs_inode* inode) {
  const auto point = reparse_point_of(inode);
  const bool offline = (inode->flags & FILE_ATTR_OFFLINE) != 0;
  const bool complete = (entry.flags & entry_sparse) == 0 && !offline;
  if (point.is_link()) entry.kind = EntryKind::link;
  // A folder with another tag (of OneDrive, of containers) holds its names as any other.
  if (point.is_link() || entry.kind == EntryKind::file) entry.problem = obstacle_of(point, complete);
}

FileEntry entry_of(ntfs_inode* inode, std::string name) {
  FileEntry entry;
  entry.name = std::move(name);
  entry.id = inode->mft_no;
  entry.flags = flags_of(inode);
  set_time(entry, inode->last_data_change_time);
  entry.kind = is_folder(inode) ? EntryKind::folder : EntryKind::file;
  if (entry.kind == EntryKind::file) entry.size = static_cast<std::uint64_t>(std::max<s64>(inode->data_size, 0));
  if (entry.size > most_of_a_disk) entry.problem = "damaged in the file table";
  if ((entry.flags & entry_encrypted) != 0 && entry.kind == EntryKind::file) {
    entry.problem = "encrypted by Windows (EFS): only its owner can read it, in Windows";
  }
  if ((entry.flags & entry_reparse_point) != 0) set_reparse_point(entry, inode);
  return entry;
}

struct FoundName {
  std::string text;
  u64 number;
};

/// Appends a name, in its long form, unless it is one of NTFS' own.
int add_found(void* list, const ntfschar* name, const int length, const int kind, const s64, const MFT_REF reference,
              const unsigned) {
  auto& names = *static_cast<std::vector<FoundName>*>(list);
  if (kind == FILE_NAME_DOS || MREF(reference) < first_of_users || length <= 0) return 0;
  if (names.size() >= most_names) return -1;
  const void* const bytes = name;
  auto text = utf8_of_utf16({static_cast<const char*>(bytes), static_cast<std::size_t>(length) * sizeof *name});
  if (text != "." && text != "..") names.push_back({std::move(text), MREF(reference)});
  return 0;
}

class NtfsFile final : public NtfsTree::OpenFile {
public:
  NtfsFile(Inode inode, FileEntry entry)
      : inode_(std::move(inode)), entry_(std::move(entry)), data_(attribute_of(inode_.get(), AT_DATA)) {}

  [[nodiscard]] const FileEntry& entry() const noexcept override { return entry_; }

  [[nodiscard]] std::size_t read(std::uint64_t offset, void* into, std::size_t size) override {
    if (!data_ || offset >= entry_.size) return 0;
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, entry_.size - offset));
    const auto count = ntfs_attr_pread(data_.get(), static_cast<s64>(offset), static_cast<s64>(size), into);
    if (count <= 0) throw Error(ErrorCode::disk, entry_.name + " can't be read: " + std::strerror(errno));
    return static_cast<std::size_t>(count);
  }

private:
  Inode inode_;
  FileEntry entry_;
  Attribute data_;
};

/// The last name of the path as the volume spells it.
std::string last_name_of(ntfs_volume* volume, ntfs_inode* inode, std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  path.erase(0, path.rfind('/') + 1);  // npos + 1 is 0
  ntfschar* units = nullptr;
  const int length = ntfs_mbstoucs(path.c_str(), &units);
  const Name wanted(units);
  const Handle<ntfs_attr_search_ctx, ntfs_attr_put_search_ctx> search(ntfs_attr_get_search_ctx(inode, nullptr));
  if (!search || length <= 0) return path;
  while (ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, nullptr, 0, search.get()) == 0) {
    // libntfs-3g has checked that the attribute is within its record.
    const auto* const bytes = reinterpret_cast<const char*>(search->attr) + le16_to_cpu(search->attr->value_offset);
    const auto* const name = reinterpret_cast<const FILE_NAME_ATTR*>(bytes);
    constexpr std::size_t before_name = offsetof(FILE_NAME_ATTR, file_name);
    const std::size_t size = name->file_name_length * sizeof(ntfschar);
    std::array<ntfschar, 255> spelled{};
    if (name->file_name_type == FILE_NAME_DOS || le32_to_cpu(search->attr->value_length) < before_name + size) continue;
    std::memcpy(spelled.data(), bytes + before_name, size);  // in the record it is packed
    if (ntfs_names_are_equal(wanted.get(), static_cast<size_t>(length), spelled.data(), name->file_name_length,
                             IGNORE_CASE, volume->upcase, volume->upcase_len) != 0) {
      return utf8_of_utf16({bytes + before_name, size});
    }
  }
  return path;
}

}  // namespace

FileEntry NtfsTree::stat(const std::string& path) const {
  const auto inode = find(volume_.handle(), path);
  return entry_of(inode.get(), last_name_of(volume_.handle(), inode.get(), path));
}

void NtfsTree::list(const std::string& path, const std::function<void(const FileEntry&)>& take) const {
  auto* const volume = volume_.handle();
  const auto folder = find(volume, path);
  const auto own = entry_of(folder.get(), path);
  if (own.kind != EntryKind::folder) {
    throw Error(ErrorCode::precondition, path + " is " + (own.problem.empty() ? "no folder" : own.problem));
  }
  std::vector<FoundName> names;
  s64 position = 0;
  // Without regard to case libntfs-3g lists names in lower case.
  NVolSetCaseSensitive(volume);
  const bool whole = ntfs_readdir(folder.get(), &position, &names, add_found) == 0;
  NVolClearCaseSensitive(volume);
  for (auto& [text, number] : names) {
    const Inode inode(ntfs_inode_open(volume, number));
    if (inode) {
      take(entry_of(inode.get(), std::move(text)));
      continue;
    }
    FileEntry damaged;
    damaged.name = std::move(text);
    damaged.id = number;
    damaged.kind = EntryKind::other;
    damaged.problem = "damaged in the file table";
    take(damaged);
  }
  if (!whole) throw Error(ErrorCode::disk, "the folder " + path + " is damaged: names of it are missing");
}

std::unique_ptr<NtfsTree::OpenFile> NtfsTree::open(const std::string& path) const {
  auto inode = find(volume_.handle(), path);
  auto entry = entry_of(inode.get(), path);
  if (!entry.problem.empty()) throw Error(ErrorCode::precondition, path + " is " + entry.problem);
  if (entry.kind != EntryKind::file) throw Error(ErrorCode::precondition, path + " is a folder");
  return std::make_unique<NtfsFile>(std::move(inode), std::move(entry));
}

}  // namespace rescue::disk
