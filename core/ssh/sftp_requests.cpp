// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/ssh/sftp_requests.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace rescue::ssh {
namespace {

constexpr std::uint32_t largest_read = 256U << 10U;
constexpr std::size_t names_in_an_answer = 100;

std::uint32_t mode_of(SftpKind kind) {
  switch (kind) {
  case SftpKind::folder:
    return S_IFDIR | 0555U;
  case SftpKind::link:
    return S_IFLNK | 0777U;
  case SftpKind::file:
    break;
  }
  return S_IFREG | 0444U;
}

std::uint32_t seconds_of(const SftpEntry& entry) {
  constexpr std::int64_t last = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(entry.modified, 0, last));
}

sftp_attributes_struct attributes_of(const SftpEntry& entry) {
  sftp_attributes_struct attributes{};
  attributes.flags =
      SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_UIDGID | SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME;
  attributes.size = entry.size;
  attributes.permissions = mode_of(entry.kind);
  attributes.mtime = seconds_of(entry);
  attributes.atime = attributes.mtime;
  return attributes;
}

/// Line of `ls -l`, which clients show as it is.
std::string line_of(const SftpEntry& entry) {
  const char* const mode = entry.kind == SftpKind::folder ? "dr-xr-xr-x"
                           : entry.kind == SftpKind::link ? "lrwxrwxrwx"
                                                          : "-r--r--r--";
  return fmt::format("{}    1 0        0        {:>12} {:%b %d  %Y} {}", mode, entry.size,
                     fmt::gmtime(static_cast<std::time_t>(seconds_of(entry))), entry.name);
}

std::string path_of(sftp_client_message message) {
  const char* const path = sftp_client_message_get_filename(message);
  return path == nullptr ? "" : path;
}

std::uint32_t status_of(ErrorCode code) {
  switch (code) {
  case ErrorCode::not_found:
    return SSH_FX_NO_SUCH_FILE;
  case ErrorCode::precondition:
  case ErrorCode::denied:
    return SSH_FX_PERMISSION_DENIED;
  default:
    return SSH_FX_FAILURE;
  }
}

bool changes_files(std::uint8_t type) {
  return type == SSH_FXP_WRITE || type == SSH_FXP_SETSTAT || type == SSH_FXP_FSETSTAT || type == SSH_FXP_REMOVE ||
         type == SSH_FXP_MKDIR || type == SSH_FXP_RMDIR || type == SSH_FXP_RENAME || type == SSH_FXP_SYMLINK;
}

Error read_only() { return {ErrorCode::denied, "the files can only be read"}; }

}  // namespace

void SftpRequests::answer(sftp_client_message message) {
  try {
    answer_or_throw(message);
  } catch (const Error& error) {
    (void)sftp_reply_status(message, status_of(error.code()), error.what());
  } catch (const std::exception&) {
    (void)sftp_reply_status(message, SSH_FX_FAILURE, "internal error");
  }
}

void SftpRequests::answer_or_throw(sftp_client_message message) {
  const auto type = sftp_client_message_get_type(message);
  if (changes_files(type)) throw read_only();
  switch (type) {
  case SSH_FXP_REALPATH: {
    SftpEntry folder;
    folder.kind = SftpKind::folder;
    auto attributes = attributes_of(folder);
    (void)sftp_reply_name(message, tree_.absolute(path_of(message)).c_str(), &attributes);
    return;
  }
  case SSH_FXP_STAT:
  case SSH_FXP_LSTAT:
    return reply_attributes(message, tree_.stat(path_of(message)));
  case SSH_FXP_FSTAT: {
    const auto found = open_.find(sftp_handle(session_, message->handle));
    if (found == open_.end()) throw Error(ErrorCode::usage, "no such handle");
    return reply_attributes(message, tree_.stat(found->second->path));
  }
  case SSH_FXP_READLINK: {
    const auto entry = tree_.stat(path_of(message));
    if (entry.kind != SftpKind::link) throw Error(ErrorCode::usage, "it is no link");
    auto attributes = attributes_of(entry);
    (void)sftp_reply_name(message, entry.target.c_str(), &attributes);
    return;
  }
  case SSH_FXP_OPEN:
    return open(message, false);
  case SSH_FXP_OPENDIR:
    return open(message, true);
  case SSH_FXP_READ:
    return read(message);
  case SSH_FXP_READDIR:
    return read_folder(message);
  case SSH_FXP_CLOSE:
    return close(message);
  default:
    (void)sftp_reply_status(message, SSH_FX_OP_UNSUPPORTED, "not supported");
  }
}

void SftpRequests::reply_attributes(sftp_client_message message, const SftpEntry& entry) const {
  auto attributes = attributes_of(entry);
  (void)sftp_reply_attr(message, &attributes);
}

void SftpRequests::open(sftp_client_message message, bool folder) {
  if (!folder && (sftp_client_message_get_flags(message) & ~static_cast<std::uint32_t>(SSH_FXF_READ)) != 0) {
    throw read_only();
  }
  if (open_.size() >= most_open_) throw Error(ErrorCode::unavailable, "too many files are open");
  auto opened = std::make_unique<Open>();
  opened->folder = folder;
  opened->path = path_of(message);
  if (folder) {
    opened->entries = tree_.list(opened->path);
  } else {
    opened->file = tree_.open(opened->path);
  }
  const Handle<ssh_string_struct, ssh_string_free> handle(sftp_handle_alloc(session_, opened.get()));
  if (!handle) throw Error(ErrorCode::unavailable, "too many files are open");
  auto* const key = opened.get();
  open_.emplace(key, std::move(opened));
  (void)sftp_reply_handle(message, handle.get());
}

SftpRequests::Open& SftpRequests::opened(sftp_client_message message, bool folder) {
  const auto found = open_.find(sftp_handle(session_, message->handle));
  if (found == open_.end() || found->second->folder != folder) throw Error(ErrorCode::usage, "no such handle");
  return *found->second;
}

void SftpRequests::read(sftp_client_message message) {
  const auto& file = opened(message, false);
  const auto length = std::min(message->len, largest_read);
  const auto bytes = length == 0 ? std::string() : tree_.read(file.file, message->offset, length);
  if (bytes.empty()) {
    (void)sftp_reply_status(message, SSH_FX_EOF, "end of the file");
  } else {
    (void)sftp_reply_data(message, bytes.data(), static_cast<int>(bytes.size()));
  }
}

void SftpRequests::read_folder(sftp_client_message message) {
  auto& folder = opened(message, true);
  if (folder.next == folder.entries.size()) {
    (void)sftp_reply_status(message, SSH_FX_EOF, "end of the folder");
    return;
  }
  const auto end = std::min(folder.next + names_in_an_answer, folder.entries.size());
  for (; folder.next < end; ++folder.next) {
    const auto& entry = folder.entries[folder.next];
    auto attributes = attributes_of(entry);
    (void)sftp_reply_names_add(message, entry.name.c_str(), line_of(entry).c_str(), &attributes);
  }
  (void)sftp_reply_names(message);
}

void SftpRequests::close(sftp_client_message message) {
  const auto found = open_.find(sftp_handle(session_, message->handle));
  if (found == open_.end()) throw Error(ErrorCode::usage, "no such handle");
  const auto closed = std::move(found->second);
  open_.erase(found);
  sftp_handle_remove(session_, closed.get());
  if (!closed->folder) tree_.close(closed->file);
  (void)sftp_reply_status(message, SSH_FX_OK, "");
}

}  // namespace rescue::ssh
