// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace rescue {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;

FileDescriptor open_for_reading(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT) throw system_error("cannot read " + path, errno);
  return file;
}

std::string read_all(int fd, const std::string& path) {
  std::string content;
  char buffer[65536];
  for (;;) {
    const auto count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot read " + path, errno);
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
    if (content.size() > largest_file) throw Error(ErrorCode::io, path + " is larger than 16 MiB");
  }
}

void write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const auto count = ::write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) throw system_error("cannot sync " + folder.string(), errno);
}

}  // namespace

std::optional<std::string> read_file_if_exists(const std::string& path) {
  const auto file = open_for_reading(path);
  if (!file) return std::nullopt;
  return read_all(file.get(), path);
}

std::string read_file(const std::string& path) {
  if (auto content = read_file_if_exists(path)) return *std::move(content);
  throw Error(ErrorCode::not_found, path + " does not exist");
}

Secret read_secret_file(const std::string& path) {
  const auto file = open_for_reading(path);
  if (!file) throw Error(ErrorCode::not_found, path + " does not exist");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("cannot stat " + path, errno);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorCode::denied, path + " holds a secret but is readable by others",
                fmt::format("Run: chmod 0600 {}", path));
  }
  auto content = read_all(file.get(), path);
  Secret secret(std::string_view(content).substr(0, content.find_first_of("\r\n")));
  wipe(content);
  if (secret.empty()) throw Error(ErrorCode::config_invalid, path + " is empty, but must hold a secret");
  return secret;
}

void write_file_atomically(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) throw system_error("cannot create a file beside " + path, errno);
  try {
    write_all(file.get(), content, path);
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) throw system_error("cannot write " + path, errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw system_error("cannot replace " + path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder_of(path);
}

void remove_file_durably(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return;
    throw system_error("cannot remove " + path, errno);
  }
  sync_folder_of(path);
}

void make_folder(const std::string& path, mode_t mode) {
  std::error_code error;
  if (!std::filesystem::create_directories(path, error)) {
    if (error) throw Error(ErrorCode::io, fmt::format("cannot create {}: {}", path, error.message()));
    return;
  }
  if (::chmod(path.c_str(), mode) != 0) throw system_error("cannot set the mode of " + path, errno);
}

void make_folder_of(const std::string& path, mode_t mode, uid_t uid, gid_t gid) {
  make_folder(path, mode);
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) throw system_error("the folder " + path + " can't be opened, or is not a folder", errno);
  struct stat status {};
  if (::fstat(folder.get(), &status) != 0) throw system_error("the folder " + path + " can't be inspected", errno);
  const bool is_theirs = status.st_uid == uid && status.st_gid == gid;
  if (!is_theirs && ::fchown(folder.get(), uid, gid) != 0) {
    throw system_error("the folder " + path + " can't be given to its user", errno);
  }
  if (::fchmod(folder.get(), mode) != 0) throw system_error("the mode of the folder " + path + " can't be set", errno);
}

}  // namespace rescue
