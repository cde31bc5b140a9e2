// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/medium.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "images/media/archive_medium.hpp"
#include "images/media/folder_medium.hpp"
#include "images/media/image_form.hpp"
#include "images/media/udf_medium.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::media {
namespace {

bool less_by_path(const MediumFile& file, const std::string& path) { return lower_case(file.path) < path; }

}  // namespace

const MediumFile* Medium::find(std::string_view path) const {
  const auto wanted = lower_case(std::string(path));
  const auto found = std::lower_bound(files_.begin(), files_.end(), wanted, less_by_path);
  return found != files_.end() && lower_case(found->path) == wanted ? &*found : nullptr;
}

std::vector<const MediumFile*> Medium::below(std::string_view folder) const {
  const auto prefix = folder.empty() ? std::string() : lower_case(std::string(folder)) + "/";
  std::vector<const MediumFile*> found;
  for (auto file = std::lower_bound(files_.begin(), files_.end(), prefix, less_by_path);
       file != files_.end() && lower_case(file->path).starts_with(prefix); ++file) {
    found.push_back(&*file);
  }
  return found;
}

std::string Medium::read_all(const MediumFile& file, std::size_t largest) const {
  if (file.size > largest) {
    throw Error(ErrorCode::precondition,
                fmt::format("{}: {} has {} bytes, at most {} are expected", name_, file.path, file.size, largest),
                "Use the vendor's own medium.");
  }
  return read(file, 0, static_cast<std::size_t>(file.size));
}

void Medium::set_files(std::vector<MediumFile> files) {
  files_ = std::move(files);
  std::sort(files_.begin(), files_.end(),
            [](const MediumFile& a, const MediumFile& b) { return lower_case(a.path) < lower_case(b.path); });
}

void Medium::fail_to_read(const MediumFile& file, const std::string& reason) const {
  throw Error(ErrorCode::io, fmt::format("cannot read {} of {}: {}", file.path, name_, reason),
              "Compare the checksum of the medium with its vendor's, and copy it again.");
}

std::unique_ptr<Medium> open_medium(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    throw Error(ErrorCode::precondition, fmt::format("{} does not exist", path), "Name the file of the medium.");
  }
  if (std::filesystem::is_directory(status)) return std::make_unique<FolderMedium>(path);
  switch (image_form(path)) {
  case ImageForm::udf:
    return std::make_unique<UdfMedium>(path);
  case ImageForm::iso9660:
    return std::make_unique<ArchiveMedium>(path, "ISO 9660");
  case ImageForm::zip:
    return std::make_unique<ArchiveMedium>(path, "zip");
  case ImageForm::other:
    break;
  }
  throw Error(ErrorCode::precondition, fmt::format("{} is not an ISO image", path),
              "Name the ISO file itself; a disk image or a web page that was saved under its name does not work.");
}

}  // namespace rescue::media
