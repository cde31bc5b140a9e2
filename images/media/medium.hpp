// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads files of installation media without mounting them: an ISO image, a zip, or a folder with the same layout.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::media {

struct MediumFile {
  std::string path;  ///< "sources/install.wim": as the medium spells it, with '/' between folders
  std::uint64_t size = 0;
};

/// Names are compared as Windows compares them: without regard to case (ASCII).
class Medium {
public:
  /// `name`: path of the image or folder, for errors. `form`: "UDF", "ISO 9660", "zip" or "folder".
  Medium(std::string name, std::string form) : name_(std::move(name)), form_(std::move(form)) {}
  virtual ~Medium() = default;
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& form() const noexcept { return form_; }
  /// All regular files, sorted by their paths in lower case.
  [[nodiscard]] const std::vector<MediumFile>& files() const noexcept { return files_; }
  /// The file with this path; null if there is none.
  [[nodiscard]] const MediumFile* find(std::string_view path) const;
  /// The files below this folder, at any depth; all files for "".
  [[nodiscard]] std::vector<const MediumFile*> below(std::string_view folder) const;

  /// Reads `size` bytes from `offset`. Throws `io` that names the file if the medium ends before.
  [[nodiscard]] virtual std::string read(const MediumFile& file, std::uint64_t offset, std::size_t size) const = 0;
  /// Reads a whole file. Throws `precondition` if it is larger than `largest` bytes.
  [[nodiscard]] std::string read_all(const MediumFile& file, std::size_t largest) const;

protected:
  /// Sorts and keeps the list; called once, by the constructor of the medium. Leaves out files whose names are not
  /// printable UTF-8, or have a backslash. Throws `precondition` for a name that leads out of the medium.
  void set_files(std::vector<MediumFile> files);
  [[noreturn]] void fail_with_too_many_files() const;
  /// The error of a read that fails or ends early.
  [[noreturn]] void fail_to_read(const MediumFile& file, const std::string& reason) const;

private:
  std::string name_;
  std::string form_;
  std::vector<MediumFile> files_;
};

/// Most files that a medium may list; Microsoft's have about 1,000, virtio-win's about 2,000.
constexpr std::size_t most_files = 200'000;

/// Opens an ISO image (its UDF side if it has one, else ISO 9660), a zip or a folder. Reads no content of files.
/// Throws `usage` for an empty path, `precondition` if there is nothing at `path`, or no such medium, or if it is cut
/// off.
[[nodiscard]] std::unique_ptr<Medium> open_medium(const std::string& path);

}  // namespace rescue::media
