// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/folder_medium.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace rescue::media {

FolderMedium::FolderMedium(const std::string& folder) : Medium(folder, "folder") {
  namespace fs = std::filesystem;
  std::vector<MediumFile> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code other;  // a dangling link, or a file that was removed meanwhile
    if (!entry->is_regular_file(other)) continue;
    const auto size = entry->file_size(other);
    if (other) continue;
    if (files.size() == most_files) fail_with_too_many_files();
    files.push_back({entry->path().lexically_relative(folder).generic_string(), size});
  }
  if (failure)
    throw system_error("cannot list " + folder, failure.value(),
                       "Check the permissions of the folder and of those below it.");
  set_files(std::move(files));
}

std::string FolderMedium::read(const MediumFile& file, std::uint64_t offset, std::size_t size) const {
  const FileDescriptor opened(::open((name() + "/" + file.path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened) fail_to_read(file, std::strerror(errno));
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const auto got = ::pread(opened.get(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_to_read(file, std::strerror(errno));
    if (got == 0) fail_to_read(file, "it ends before its size");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace rescue::media
