// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/medium.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"
#include "images/media/archive_medium.hpp"
#include "images/media/folder_medium.hpp"
#include "images/media/image_form.hpp"
#include "images/media/udf_medium.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::media {
namespace {

constexpr std::size_t longest_name = 200;  ///< in messages

bool is_text(const std::string& path) {
  constexpr unsigned char first_printable = 0x20;
  constexpr unsigned char del = 0x7f;
  return is_utf8(path) && std::none_of(path.begin(), path.end(),
                                       [](unsigned char c) { return c < first_printable || c == del || c == '\\'; });
}

bool leads_out(const std::string& path) {
  const std::filesystem::path parts(path);
  return parts.is_absolute() || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

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
  for (const auto& file : files) {
    if (!leads_out(file.path)) continue;
    throw Error(
        ErrorCode::precondition,
        fmt::format("{} has a file whose name leads out of the medium: {}", name_, printable(file.path, longest_name)),
        "Do not use it: no vendor's medium has such names.");
  }
  files_ = std::move(files);
  files_.erase(std::remove_if(files_.begin(), files_.end(), [](const MediumFile& file) { return !is_text(file.path); }),
               files_.end());
  std::sort(files_.begin(), files_.end(),
            [](const MediumFile& a, const MediumFile& b) { return lower_case(a.path) < lower_case(b.path); });
}

void Medium::fail_with_too_many_files() const {
  throw Error(ErrorCode::precondition, fmt::format("{} has more than {} files", name_, most_files),
              "Name the medium itself, or a folder with nothing but its content.");
}

void Medium::fail_to_read(const MediumFile& file, const std::string& reason) const {
  throw Error(ErrorCode::io, fmt::format("cannot read {} of {}: {}", file.path, name_, reason),
              "Compare the checksum of the medium with its vendor's, and copy it again.");
}

std::unique_ptr<Medium> open_medium(const std::string& path) {
  if (path.empty()) throw Error(ErrorCode::usage, "the path of a medium is empty", "Name the file of the medium.");
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    throw Error(ErrorCode::precondition, fmt::format("{} does not exist", path), "Name the file of the medium.");
  }
  if (std::filesystem::is_directory(status)) return std::make_unique<FolderMedium>(path);
  if (!std::filesystem::is_regular_file(status) && !std::filesystem::is_block_file(status)) {
    throw Error(ErrorCode::precondition, fmt::format("{} is neither a file, a disk nor a folder", path),
                "Name the file of the medium.");
  }
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
  throw Error(
      ErrorCode::precondition, fmt::format("{} is neither an ISO image nor a zip", path),
      "Name the ISO or zip file itself; a disk image or a web page that was saved under its name does not work.");
}

}  // namespace rescue::media
