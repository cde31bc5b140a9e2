// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/files/volume_tree.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "orchestrator/files/volume_path.hpp"

#include <algorithm>

namespace rescue::files {
namespace {

ssh::SftpEntry folder(const std::string& name) {
  ssh::SftpEntry entry;
  entry.name = name;
  entry.kind = ssh::SftpKind::folder;
  return entry;
}

ssh::SftpEntry entry_of(disk::FileEntry&& file) {
  ssh::SftpEntry entry;
  entry.name = std::move(file.name);
  entry.size = file.size;
  entry.modified = file.modified;
  if (file.kind == disk::EntryKind::folder) entry.kind = ssh::SftpKind::folder;
  if (file.kind == disk::EntryKind::link) {
    entry.kind = ssh::SftpKind::link;
    entry.target = std::move(file.problem);
  }
  return entry;
}

}  // namespace

void VolumeTree::add(const std::string& name, std::unique_ptr<VolumeReader> reader) {
  volumes_.emplace_back(name, std::move(reader));
}

VolumeTree::Place VolumeTree::place_of(const std::string& path) const {
  const auto inside = normalized(path);
  if (inside.empty()) return {};
  const auto end = std::min(inside.find('/'), inside.size());
  auto name = inside.substr(0, end);
  if (name.ends_with(':')) name.pop_back();
  const auto found = std::find_if(volumes_.begin(), volumes_.end(),
                                  [&](const auto& volume) { return lower_case(volume.first) == lower_case(name); });
  if (found == volumes_.end()) throw Error(ErrorCode::not_found, "there is no volume " + name);
  return {found->second.get(), found->first, inside.substr(std::min(end + 1, inside.size()))};
}

std::string VolumeTree::absolute(const std::string& path) { return '/' + normalized(path); }

ssh::SftpEntry VolumeTree::stat(const std::string& path) {
  const auto place = place_of(path);
  if (place.volume == nullptr) return folder("/");
  if (place.path.empty()) return folder(place.name);
  return entry_of(place.volume->stat(place.path));
}

std::vector<ssh::SftpEntry> VolumeTree::list(const std::string& path) {
  const auto place = place_of(path);
  std::vector<ssh::SftpEntry> entries;
  if (place.volume == nullptr) {
    for (const auto& [name, reader] : volumes_) entries.push_back(folder(name));
    return entries;
  }
  place.volume->list(place.path, [&](disk::FileEntry&& file) {
    // A client would take a name with a slash for a path.
    if (is_local_name(file.name)) entries.push_back(entry_of(std::move(file)));
  });
  return entries;
}

std::uint64_t VolumeTree::open(const std::string& path) {
  const auto place = place_of(path);
  if (place.volume == nullptr) throw Error(ErrorCode::precondition, "the root is a folder");
  const auto opened = place.volume->open(place.path);
  open_.emplace(++last_, std::pair(place.volume, opened.handle));
  return last_;
}

std::string VolumeTree::read(std::uint64_t file, std::uint64_t offset, std::uint32_t length) {
  const auto& [volume, handle] = open_.at(file);
  return volume->read(handle, offset, length);
}

void VolumeTree::close(std::uint64_t file) {
  const auto found = open_.find(file);
  if (found == open_.end()) return;
  const auto [volume, handle] = found->second;
  open_.erase(found);
  volume->close(handle);
}

}  // namespace rescue::files
