// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/scratch.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace rescue::windows {
namespace {

constexpr const char* remedy = "Set TMPDIR to a folder with some 100 MiB of room, on a file system with sparse files.";

}  // namespace

ScratchFolder::ScratchFolder() {
  path_ = (std::filesystem::temp_directory_path() / "rescue-image-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw system_error("cannot create " + path_, errno, remedy);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::file(std::string_view name) const { return path_ + "/" + std::string(name); }

std::string ScratchFolder::write(std::string_view name, std::string_view content) const {
  SparseFile(file(name), content.size()).write(content, 0);
  return file(name);
}

SparseFile::SparseFile(const std::string& path, std::uint64_t size)
    : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
  if (fd_ >= 0 && ::ftruncate(fd_, static_cast<off_t>(size)) == 0) return;
  const int failure = errno;
  if (fd_ >= 0) ::close(fd_);
  throw system_error("cannot create " + path, failure, remedy);
}

SparseFile::~SparseFile() { ::close(fd_); }

void SparseFile::write(std::string_view bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error("cannot write " + path_, errno, remedy);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

}  // namespace rescue::windows
