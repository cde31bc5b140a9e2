// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/garbage.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "images/catalogue.hpp"
#include "images/manifest_fields.hpp"
#include "images/publication.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

namespace rescue::images {
namespace {

namespace fs = std::filesystem;

constexpr const char* book_name = ".gc.json";

/// True for names of files that an image is made of: others in a named folder belong to somebody else.
bool is_image_part(const std::string& name) {
  constexpr std::array<std::string_view, 5> suffixes{".qcow2", ".raw", ".chunks", ".profile", ".part"};
  return name.front() != '.' &&
         std::any_of(suffixes.begin(), suffixes.end(), [&](auto suffix) { return name.ends_with(suffix); });
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

/// Folders and files that catalogue, manifests and links name; paths below the folder.
struct Named {
  std::set<std::string> folders;
  std::set<std::string> kept_whole;  ///< named folders without a manifest: a download may begin there
  std::set<std::string> files;
};

void add_image(const std::string& root, const std::string& folder, Named& named) {
  named.folders.insert(folder);
  const auto path = joined(joined(root, folder), "manifest.json");
  const auto text = read_file_if_exists(path);
  if (!text) {
    named.kept_whole.insert(folder);
    return;
  }
  for (const auto& file : Manifest::parse_text(path, *text).files) {
    named.files.insert({joined(folder, file.name), joined(folder, file.name + ".part")});
    if (file.chunks) named.files.insert(joined(folder, file.chunks->name));
  }
}

Named named_in(const std::string& root) {
  Named named;
  const auto path = root + "/catalogue.json";
  const auto text = read_file_if_exists(path);
  const bool is_image = fs::exists(root + "/manifest.json");
  if (!text && !is_image) {
    throw Error(ErrorCode::precondition, root + " is no folder of images",
                "Name a folder with catalogue.json (rescue-image catalogue makes it) or manifest.json.");
  }
  named.folders.insert("");
  if (is_image) add_image(root, "", named);
  if (text) {
    for (const auto& entry : Catalogue::parse_text(path, *text).images) add_image(root, entry.folder(), named);
  }
  const auto real_root = fs::canonical(root);
  for (const auto& entry : fs::directory_iterator(root)) {
    if (!entry.is_symlink() || !entry.is_directory()) continue;
    const auto target = fs::canonical(entry.path()).lexically_relative(real_root).string();
    if (!target.empty() && target != "." && !target.starts_with("..")) add_image(root, target, named);
  }
  return named;
}

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_symlink() && entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  // The manifest last: after a crash the folder is still recognised as an image.
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return std::pair(a == "manifest.json", a) < std::pair(b == "manifest.json", b);
  });
  return names;
}

/// True if a program holds a lock on the file: flock(2) as builders do, or fcntl(2) as QEMU does on open images.
bool is_locked(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return errno != ENOENT;
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return true;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.get(), F_OFD_GETLK, &whole) != 0 || whole.l_type != F_UNLCK;
}

/// One thing to remove: the files of an image's folder, or one file.
struct Item {
  std::string path;
  std::vector<std::string> files;  ///< absolute, in the order of removal
  bool is_folder = false;
};

std::vector<Item> unnamed_in(const std::string& root, const Named& named) {
  std::vector<Item> items;
  for (const auto& folder : image_folders(root)) {
    if (named.kept_whole.contains(folder)) continue;
    const auto here = joined(root, folder);
    Item whole{folder, {}, true};
    for (const auto& name : files_of(here)) {
      if (!named.folders.contains(folder)) {
        whole.files.push_back(here + "/" + name);
      } else if (is_image_part(name) && !named.files.contains(joined(folder, name))) {
        items.push_back({joined(folder, name), {here + "/" + name}, false});
      }
    }
    if (!whole.files.empty()) items.push_back(std::move(whole));
  }
  return items;
}

std::map<std::string, WallTime> read_book(const std::string& root) {
  std::map<std::string, WallTime> since;
  const auto path = root + "/" + book_name;
  const auto text = read_file_if_exists(path);
  if (!text) return since;
  const auto document = Document::from_json(path, *text);
  const auto entries = document.root();
  for (const auto& [item, unused] : entries.json().items()) since[item] = time_in(entries.at(item));
  return since;
}

void write_book(const std::string& root, const std::vector<Garbage>& garbage) {
  auto book = nlohmann::json::object();
  for (const auto& item : garbage) {
    if (item.state != GarbageState::removed) book[item.path] = text_of(item.unnamed_since);
  }
  write_file_atomically(root + "/" + book_name, book.dump(2) + "\n", 0644);
}

void remove_item(const std::string& root, const Item& item) {
  for (const auto& file : item.files) {
    std::error_code failed;
    fs::remove(file, failed);
    if (failed) throw system_error("cannot remove " + file, failed.value());
  }
  std::error_code not_empty;  // folders of somebody else in it
  if (item.is_folder) fs::remove(joined(root, item.path), not_empty);
}

FileDescriptor lock_of_collection(const std::string& root) {
  const auto path = root + "/.gc.lock";
  FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock) throw system_error("cannot write " + path, errno, "Run it as the owner of the folder.");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    throw Error(ErrorCode::conflict, "another collection runs in " + root, "Wait for its end.");
  }
  return lock;
}

}  // namespace

std::vector<Garbage> collect_garbage(const GarbageRequest& request) {
  const auto named = named_in(request.folder);
  const auto lock = request.dry_run ? FileDescriptor() : lock_of_collection(request.folder);
  const auto since = read_book(request.folder);
  std::vector<Garbage> garbage;
  for (const auto& item : unnamed_in(request.folder, named)) {
    auto& found = garbage.emplace_back();
    found.path = item.path;
    for (const auto& file : item.files) found.bytes += fs::file_size(file);
    const auto first = since.find(item.path);
    found.unnamed_since = first == since.end() ? request.now : std::min(first->second, request.now);
    if (std::any_of(item.files.begin(), item.files.end(), is_locked)) {
      found.state = GarbageState::in_use;
    } else if (request.now - found.unnamed_since < request.grace) {
      found.state = GarbageState::waits;
    } else if (!request.dry_run) {
      remove_item(request.folder, item);
      found.state = GarbageState::removed;
    }
  }
  if (!request.dry_run) write_book(request.folder, garbage);
  return garbage;
}

}  // namespace rescue::images
