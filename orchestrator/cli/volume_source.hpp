// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The volumes that files can be copied out of: of this host's disks, as rescued allows it, or of an image of a disk.

#include "core/handle.hpp"
#include "orchestrator/domain/volumes.hpp"
#include "orchestrator/files/volume_path.hpp"
#include "orchestrator/files/volume_reader.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rescue::cli {

/// Path of a program that is installed with rescuectl.
[[nodiscard]] std::string installed_program(const std::string& name);

class VolumeSource {
public:
  /// Answers GET of a path of rescued's API; throws its errors.
  using Get = std::function<nlohmann::json(const std::string& path)>;

  /// Asks rescued for the volumes; throws `conflict` if they may not be read now.
  explicit VolumeSource(Get get);
  /// Reads the volumes of a raw image of a disk, without rescued. Throws `io`, `subprocess`; `usage` for a device.
  explicit VolumeSource(const std::string& image);

  [[nodiscard]] const std::vector<domain::Volume>& volumes() const noexcept { return volumes_; }
  /// State that the files have if it is not the present one.
  [[nodiscard]] const std::string& note() const noexcept { return note_; }
  /// Keys of the customer who asked for the last session.
  [[nodiscard]] const std::vector<std::string>& ssh_keys() const noexcept { return ssh_keys_; }

  /// Volume that a path means. Throws `usage` if it means none or several, `disk` if it can't be read.
  [[nodiscard]] const domain::Volume& chosen(const files::VolumePath& path) const;
  /// Opens the disk of a volume for reading. Throws `io`; `disk` if its name has moved to another one.
  [[nodiscard]] FileDescriptor open_disk(const domain::Volume& volume) const;

  /// Throws `conflict` if the files may not be read any more: a session has started. Asks rescued once a second at
  /// most. Returns true if it has asked, so that all that was read before is good.
  bool require_readable();
  /// The same, and asks rescued at once: to be called when all is read.
  void require_all_read();

private:
  Get get_;
  std::vector<domain::Volume> volumes_;
  std::string note_;
  std::vector<std::string> ssh_keys_;
  std::chrono::steady_clock::time_point asked_;
};

/// "C" or "sda3": name of a volume as a folder.
[[nodiscard]] std::string folder_name_of(const domain::Volume& volume);

/// rescue-files on a volume; it is started anew after a fault.
class OpenVolume {
public:
  OpenVolume(const VolumeSource& source, const domain::Volume& volume);

  [[nodiscard]] files::VolumeReader& reader() { return *reader_; }
  /// Starts another rescue-files: the last one has ended or hangs. Throws `subprocess` after too many.
  void restart();

private:
  void start();

  FileDescriptor disk_;
  unsigned partition_;
  unsigned restarts_ = 0;
  files::Child child_;
  std::unique_ptr<files::VolumeReader> reader_;
};

}  // namespace rescue::cli
