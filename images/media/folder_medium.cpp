// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/folder_medium.hpp"

#include "core/error.hpp"

#include <filesystem>
#include <fstream>

namespace rescue::media {

FolderMedium::FolderMedium(const std::string& folder) : Medium(folder, "folder") {
  namespace fs = std::filesystem;
  std::vector<MediumFile> files;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (!entry->is_regular_file(failure)) continue;
    if (files.size() == most_files) throw Error(ErrorCode::precondition, folder + " has too many files for a medium");
    files.push_back({fs::relative(entry->path(), folder).generic_string(), entry->file_size()});
  }
  if (failure) throw system_error("cannot list " + folder, failure.value());
  set_files(std::move(files));
}

std::string FolderMedium::read(const MediumFile& file, std::uint64_t offset, std::size_t size) const {
  std::ifstream in(name() + "/" + file.path, std::ios::binary);
  std::string bytes(size, '\0');
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) fail_to_read(file, "it ends before its size, or may not be read");
  return bytes;
}

}  // namespace rescue::media
