// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/udf_medium.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "images/media/captured_stderr.hpp"

#include <fmt/format.h>
#include <udfread/udfread.h>

namespace rescue::media {
namespace {

using Directory = Handle<UDFDIR, udfread_closedir>;
using File = Handle<UDFFILE, udfread_file_close>;

/// A damaged volume may have a folder inside of itself, and more than once.
constexpr int deepest_folder = 32;
constexpr std::size_t most_folders = 20'000;

[[noreturn]] void fail_as_damaged(const std::string& path, const std::string& reason = {}) {
  throw Error(ErrorCode::precondition,
              fmt::format("the UDF file system of {} is damaged{}{}", path, reason.empty() ? "" : ": ", reason),
              "Compare the checksum of the image with its vendor's, and copy it again.");
}

class Listing {
public:
  Listing(const std::string& image, const CapturedStderr& messages) : image_(image), messages_(messages) {}

  void add_folder(UDFDIR* folder, const std::string& prefix, int depth) {
    if (depth > deepest_folder) fail_as_damaged(image_, messages_.first_line());
    udfread_dirent entry{};
    while (udfread_readdir(folder, &entry) != nullptr) {
      const std::string name = entry.d_name;
      if (name == "." || name == "..") continue;
      if (entry.d_type == UDF_DT_REG) add_file(folder, name, prefix);
      if (entry.d_type != UDF_DT_DIR) continue;
      if (++folders_ > most_folders) fail_as_damaged(image_, messages_.first_line());
      const Directory inner(udfread_opendir_at(folder, name.c_str()));
      if (!inner) fail_as_damaged(image_, messages_.first_line());
      add_folder(inner.get(), prefix + name + "/", depth + 1);
    }
  }

  [[nodiscard]] std::vector<MediumFile> files() && { return std::move(files_); }

private:
  void add_file(UDFDIR* folder, const std::string& name, const std::string& prefix) {
    const File file(udfread_file_openat(folder, name.c_str()));
    const auto size = file ? udfread_file_size(file.get()) : -1;
    if (size < 0 || files_.size() == most_files) fail_as_damaged(image_, messages_.first_line());
    files_.push_back({prefix + name, static_cast<std::uint64_t>(size)});
  }

  const std::string& image_;
  const CapturedStderr& messages_;
  std::vector<MediumFile> files_;
  std::size_t folders_ = 0;
};

}  // namespace

UdfMedium::UdfMedium(const std::string& path) : Medium(path, "UDF"), volume_(udfread_init()) {
  const CapturedStderr messages;  // libudfread explains its errors there
  try {
    if (volume_ == nullptr || udfread_open(volume_, path.c_str()) != 0) fail_as_damaged(path, messages.first_line());
    const Directory root(udfread_opendir(volume_, "/"));
    if (!root) fail_as_damaged(path, messages.first_line());
    Listing listing(path, messages);
    listing.add_folder(root.get(), "", 0);
    set_files(std::move(listing).files());
  } catch (...) {
    udfread_close(volume_);
    throw;
  }
}

UdfMedium::~UdfMedium() { udfread_close(volume_); }

std::string UdfMedium::read(const MediumFile& file, std::uint64_t offset, std::size_t size) const {
  const CapturedStderr messages;
  const File opened(udfread_file_open(volume_, ("/" + file.path).c_str()));
  if (!opened) fail_to_read(file, "it can't be opened");
  const auto position = static_cast<std::int64_t>(offset);
  if (udfread_file_seek(opened.get(), position, UDF_SEEK_SET) != position) fail_to_read(file, "it ends before");
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const auto got = udfread_file_read(opened.get(), bytes.data() + have, size - have);
    if (got <= 0) fail_to_read(file, fmt::format("it ends at byte {}, or the image does", offset + have));
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace rescue::media
