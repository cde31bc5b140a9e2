// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "ntfs_maker.hpp"

#include "core/handle.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

extern "C" {
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/layout.h>
#include <ntfs-3g/logging.h>
#include <ntfs-3g/reparse.h>
#include <ntfs-3g/unistr.h>
#include <ntfs-3g/volume.h>
}

namespace rescue::tests {
namespace {

void close_inode(ntfs_inode* inode) { (void)ntfs_inode_close(inode); }
using Inode = Handle<ntfs_inode, close_inode>;
using Attribute = Handle<ntfs_attr, ntfs_attr_close>;

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("can't make the volume: ") + what);
}

/// The volume, mounted for writing in this process.
class Writing {
public:
  explicit Writing(const std::string& path) : volume_(ntfs_mount(path.c_str(), 0)) {
    require(volume_ != nullptr, "mount");
    ntfs_log_set_handler(ntfs_log_handler_null);
  }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;
  ~Writing() { (void)ntfs_umount(volume_, FALSE); }

  [[nodiscard]] ntfs_volume* volume() const { return volume_; }
  [[nodiscard]] Inode find(const std::string& path) const {
    Inode inode(ntfs_pathname_to_inode(volume_, nullptr, path.empty() ? "/" : path.c_str()));
    require(inode != nullptr, "find");
    return inode;
  }
  /// Takes any name: libntfs-3g does not check it here.
  [[nodiscard]] Inode create(const std::string& folder, const std::string& name, mode_t kind) const {
    const auto parent = find(folder);
    ntfschar* units = nullptr;
    const int length = ntfs_mbstoucs(name.c_str(), &units);
    require(length > 0, "name");
    Inode inode(ntfs_create(parent.get(), const_cpu_to_le32(0), units, static_cast<u8>(length), kind));
    std::free(units);
    require(inode != nullptr, "create");
    return inode;
  }

private:
  ntfs_volume* volume_;
};

void write(ntfs_inode* inode, const std::string& content, s64 offset = 0, bool compressed = false) {
  const Attribute data(ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0));
  require(data != nullptr, "data");
  const auto size = static_cast<s64>(content.size());
  require(ntfs_attr_pwrite(data.get(), offset, size, content.data()) == size, "write");
  if (compressed) require(ntfs_attr_pclose(data.get()) == 0, "compress");
}

}  // namespace

bool NtfsMaker::possible() {
  Command command;
  command.argv = {"mkntfs", "--version"};
  try {
    return run(command).status == 0;
  } catch (const std::exception&) {
    return false;
  }
}

NtfsMaker::NtfsMaker(std::uint64_t bytes) : path_(scratch_.file("volume.raw")) {
  std::ofstream(path_, std::ios::binary).close();
  std::filesystem::resize_file(path_, bytes);
  Command command;
  command.argv = {"mkntfs", "--force", "--fast", "--quiet", "--label", "Data", path_};
  run_checked(command);
}

void NtfsMaker::folder(const std::string& name) const { (void)Writing(path_).create("", name, S_IFDIR); }

void NtfsMaker::file(const std::string& folder, const std::string& name, const std::string& content) const {
  const Writing writing(path_);
  write(writing.create(folder, name, S_IFREG).get(), content);
}

void NtfsMaker::files(const std::string& folder, int count) const {
  const Writing writing(path_);
  for (int i = 0; i < count; ++i) {
    write(writing.create(folder, fmt::format("file-{:05}.txt", i), S_IFREG).get(), std::to_string(i));
  }
}

void NtfsMaker::compressed(const std::string& name, const std::string& content) const {
  const Writing writing(path_);
  NVolSetCompression(writing.volume());
  const auto folder = writing.create("", "compressed", S_IFDIR);
  folder->flags = static_cast<FILE_ATTR_FLAGS>(folder->flags | FILE_ATTR_COMPRESSED);
  NInoSetDirty(folder.get());
  ntfschar* units = nullptr;
  const int length = ntfs_mbstoucs(name.c_str(), &units);
  const Inode inode(ntfs_create(folder.get(), const_cpu_to_le32(0), units, static_cast<u8>(length), S_IFREG));
  std::free(units);
  require(inode != nullptr && (inode->flags & FILE_ATTR_COMPRESSED) != 0, "compressed file");
  write(inode.get(), content, 0, true);
}

void NtfsMaker::sparse(const std::string& name, std::uint64_t bytes, const std::string& tail) const {
  const Writing writing(path_);
  const auto inode = writing.create("", name, S_IFREG);
  write(inode.get(), tail, static_cast<s64>(bytes - tail.size()));
}

void NtfsMaker::encrypted(const std::string& path) const {
  const Writing writing(path_);
  const auto slash = path.find('/');
  const auto folder = slash == std::string::npos ? "" : path.substr(0, slash);
  const auto inode = writing.create(folder, path.substr(slash + 1), S_IFREG);  // npos + 1 is 0
  write(inode.get(), "not what it seems");
  inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_ENCRYPTED);
  NInoSetDirty(inode.get());
}

void NtfsMaker::reparse_point(const std::string& name, const std::string& bytes, bool folder) const {
  const Writing writing(path_);
  const auto inode = writing.create("", name, folder ? S_IFDIR : S_IFREG);
  if (!folder) write(inode.get(), std::string(1000, '\0'));
  require(ntfs_set_ntfs_reparse_data(inode.get(), bytes.data(), bytes.size(), 0) == 0, "reparse point");
}

void NtfsMaker::damage(const std::string& name) const {
  const Writing writing(path_);
  const auto number = writing.find(name)->mft_no;
  const std::string garbage(writing.volume()->mft_record_size, '\x5a');
  require(ntfs_attr_pwrite(writing.volume()->mft_na, static_cast<s64>(number * garbage.size()),
                           static_cast<s64>(garbage.size()), garbage.data()) > 0,
          "damage");
}

}  // namespace rescue::tests
