// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/garbage.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "images/catalogue.hpp"
#include "images/chunks.hpp"
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
#include <optional>
#include <set>

namespace rescue::images {
namespace {

namespace fs = std::filesystem;

constexpr const char* book_name = ".gc.json";
constexpr const char* catalogue_name = "catalogue.json";
constexpr const char* manifest_name = "manifest.json";
constexpr const char* signature_name = "manifest.json.minisig";

/// True for names of files that an image is made of: others in a named folder belong to somebody else.
bool is_image_part(const std::string& name) {
  constexpr std::array<std::string_view, 5> suffixes{".qcow2", ".raw", ".chunks", ".profile", ".part"};
  return name.front() != '.' &&
         std::any_of(suffixes.begin(), suffixes.end(), [&](auto suffix) { return name.ends_with(suffix); });
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

/// Path without links, also of a file that does not exist.
std::string resolved(const std::string& path) {
  std::error_code failed;
  const auto found = fs::weakly_canonical(path, failed);
  return failed ? fs::absolute(path).lexically_normal().string() : found.string();
}

/// Folders and files that catalogue, manifests and links name; resolved paths.
struct Named {
  std::string catalogue;  ///< its text; empty without one
  std::set<std::string> folders;
  std::set<std::string> kept_whole;  ///< named folders without a manifest: a download may begin there
  std::set<std::string> files;
};

void add_image(const std::string& path, Named& named) {
  const auto folder = resolved(path);
  named.folders.insert(folder);
  const auto manifest = joined(folder, manifest_name);
  const auto text = read_file_if_exists(manifest);
  if (!text) {
    named.kept_whole.insert(folder);
    return;
  }
  named.files.insert({resolved(manifest), resolved(joined(folder, signature_name))});
  for (const auto& file : Manifest::parse_text(manifest, *text).files) {
    named.files.insert({resolved(joined(folder, file.name)), resolved(joined(folder, file.name + ".part"))});
    if (file.chunks) named.files.insert(resolved(joined(folder, file.chunks->name)));
  }
}

void require_collection(const std::string& root) {
  if (fs::exists(joined(root, catalogue_name)) || fs::exists(joined(root, manifest_name))) return;
  throw Error(ErrorCode::precondition, root + " is no folder of images",
              "Name a folder with catalogue.json (rescue-image catalogue makes it) or manifest.json.");
}

Named named_in(const std::string& root) {
  require_collection(root);
  Named named;
  named.folders.insert(resolved(root));
  if (fs::exists(joined(root, manifest_name))) add_image(root, named);
  const auto path = joined(root, catalogue_name);
  if (const auto text = read_file_if_exists(path)) {
    named.catalogue = *text;
    for (const auto& entry : Catalogue::parse_text(path, *text).images) add_image(joined(root, entry.folder()), named);
  }
  for (const auto& entry : fs::directory_iterator(root)) {
    std::error_code dangling;
    if (entry.is_symlink() && entry.is_directory(dangling)) add_image(entry.path().string(), named);
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
    return std::pair(a == manifest_name, a) < std::pair(b == manifest_name, b);
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
  Garbage garbage;
  std::vector<std::string> files;   ///< resolved, in the order of removal
  std::vector<std::string> guards;  ///< files that a program locks while it uses the item
  std::string unnamed_by;           ///< digest of the documents that do not name it
  std::string folder{};             ///< folder that is removed with its last file; empty: the item is a file
};

bool is_in_use(const Item& item) { return std::any_of(item.guards.begin(), item.guards.end(), is_locked); }

/// True for folders in or below one with a catalogue of its own: they belong to another collection.
bool is_of_another_catalogue(const std::string& root, fs::path folder) {
  for (; !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(fs::symlink_status(root / folder / catalogue_name))) return true;
  }
  return false;
}

/// Text of the manifest of an image; none if it is the manifest of something else, or a link.
std::optional<std::string> text_of_image(const std::string& path) {
  if (fs::is_symlink(path)) return std::nullopt;
  try {
    auto text = read_file_if_exists(path);
    if (text) (void)Manifest::parse_text(path, *text);
    return text;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The image of a folder that is not named; none if there is no image, or if a named path leads to a file of it.
std::optional<Item> unnamed_image(const std::string& below, const std::string& folder, const Named& named) {
  const auto text = text_of_image(joined(folder, manifest_name));
  if (!text) return std::nullopt;
  Item item{{below, 0, {}, GarbageState::removable}, {}, {}, sha256_of(named.catalogue + *text), folder};
  for (const auto& name : files_of(folder)) {
    const auto path = joined(folder, name);
    if (named.files.contains(path)) return std::nullopt;
    item.guards.push_back(path);
    if (is_image_part(name) || name == manifest_name || name == signature_name) item.files.push_back(path);
  }
  return item;
}

/// Files of a named image that its manifest does not name.
void add_unnamed_files(const std::string& below, const std::string& folder, const Named& named,
                       std::vector<Item>& items) {
  const auto digest = sha256_of(read_file_if_exists(joined(folder, manifest_name)).value_or(""));
  for (const auto& name : files_of(folder)) {
    const auto path = joined(folder, name);
    if (!is_image_part(name) || named.files.contains(path)) continue;
    items.push_back({{joined(below, name), 0, {}, GarbageState::removable}, {path}, {path}, digest});
  }
}

std::vector<Item> unnamed_in(const std::string& root) {
  const auto named = named_in(root);
  std::vector<Item> items;
  for (const auto& below : image_folders(root)) {
    const auto folder = resolved(joined(root, below));
    if (named.kept_whole.contains(folder) || is_of_another_catalogue(root, below)) continue;
    if (named.folders.contains(folder)) {
      add_unnamed_files(below, folder, named, items);
    } else if (auto image = unnamed_image(below, folder, named)) {
      items.push_back(*std::move(image));
    }
  }
  for (auto& item : items) {
    for (const auto& file : item.files) item.garbage.bytes += fs::file_size(file);
  }
  return items;
}

/// Since when an item is unnamed, and by which documents: with others it may have been named between two runs.
struct Record {
  WallTime since;
  std::string unnamed_by;
};

std::map<std::string, Record> read_book(const std::string& root) {
  std::map<std::string, Record> book;
  const auto path = joined(root, book_name);
  const auto text = read_file_if_exists(path);
  if (!text) return book;
  const auto document = Document::from_json(path, *text);
  const auto entries = document.root();
  for (const auto& [item, value] : entries.json().items()) {
    if (!value.is_object()) continue;  // of a version that had only times: begins anew
    const auto record = entries.at(item);
    book[item] = {time_in(record.at("since")), line_in(record.at("unnamed_by"))};
  }
  return book;
}

void write_book(const std::string& root, const std::vector<Item>& items) {
  auto book = nlohmann::json::object();
  for (const auto& [garbage, files, guards, unnamed_by, folder] : items) {
    if (garbage.state == GarbageState::removed) continue;
    book[garbage.path] = {{"since", text_of(garbage.unnamed_since)}, {"unnamed_by", unnamed_by}};
  }
  write_file_atomically(joined(root, book_name), book.dump(2) + "\n", 0644);
}

void set_state(Item& item, const std::map<std::string, Record>& book, const GarbageRequest& request) {
  auto& garbage = item.garbage;
  const auto before = book.find(garbage.path);
  const bool is_same = before != book.end() && before->second.unnamed_by == item.unnamed_by;
  garbage.unnamed_since = is_same ? std::min(before->second.since, request.now) : request.now;
  if (is_in_use(item)) {
    garbage.state = GarbageState::in_use;
  } else if (request.now - garbage.unnamed_since < request.grace) {
    garbage.state = GarbageState::waits;
  } else {
    garbage.state = GarbageState::removable;
  }
}

void remove_item(const Item& item) {
  for (const auto& file : item.files) {
    std::error_code failed;
    fs::remove(file, failed);
    if (failed) throw system_error("cannot remove " + file, failed.value());
  }
  std::error_code not_empty;  // files of somebody else in it
  if (!item.folder.empty()) fs::remove(item.folder, not_empty);
}

/// Reads the names again and removes what is still unnamed by the same documents. Returns false if the item is not.
bool remove_if_still_unnamed(const std::string& root, Item& item) {
  for (const auto& current : unnamed_in(root)) {
    if (current.garbage.path != item.garbage.path || current.unnamed_by != item.unnamed_by) continue;
    item.garbage.state = is_in_use(current) ? GarbageState::in_use : GarbageState::removed;
    if (item.garbage.state == GarbageState::removed) remove_item(current);
    return true;
  }
  return false;
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
  const auto& root = request.folder;
  require_collection(root);
  const auto lock = request.dry_run ? FileDescriptor() : lock_of_collection(root);
  const auto book = read_book(root);
  auto items = unnamed_in(root);
  for (auto& item : items) set_state(item, book, request);
  if (!request.dry_run) {
    write_book(root, items);  // before the first removal that may fail: what is named now begins anew
    std::erase_if(items, [&](Item& item) {
      return item.garbage.state == GarbageState::removable && !remove_if_still_unnamed(root, item);
    });
    write_book(root, items);
  }
  std::vector<Garbage> garbage;
  for (auto& item : items) garbage.push_back(std::move(item.garbage));
  return garbage;
}

}  // namespace rescue::images
