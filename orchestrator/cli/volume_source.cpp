// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/volume_source.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/domain/inspection_form.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace rescue::cli {
namespace {

constexpr std::size_t longest_problem = 300;

FileDescriptor opened_for_reading(const std::string& path, struct stat& status) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file || ::fstat(file.get(), &status) != 0) {
    throw system_error("cannot open " + path, errno, errno == EACCES ? "Run rescuectl as root." : "");
  }
  return file;
}

/// "C:, /dev/sda:3" for messages.
std::string names_of(const std::vector<domain::Volume>& volumes) {
  std::string names;
  for (const auto& volume : volumes) {
    if (!names.empty()) names += ", ";
    names += volume.letter.empty() ? fmt::format("{}:{}", volume.disk, volume.partition) : volume.letter + ":";
  }
  return names.empty() ? "none" : names;
}

bool means(const files::VolumePath& path, const domain::Volume& volume) {
  if (!path.letter.empty()) return path.letter == volume.letter;
  if (!path.disk.empty() && path.disk != volume.disk) return false;
  return !path.partition || *path.partition == volume.partition;
}

}  // namespace

std::string installed_program(const std::string& name) {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto beside = folder / name;
  return std::filesystem::exists(beside) ? beside.string() : (folder.parent_path() / "sbin" / name).string();
}

VolumeSource::VolumeSource(Get get) : get_(std::move(get)), asked_(std::chrono::steady_clock::now()) {
  const auto answer = get_("/v1/files");
  for (const auto& volume : answer.at("volumes")) volumes_.push_back(domain::volume_from(volume));
  answer.at("note").get_to(note_);
  answer.at("ssh_keys").get_to(ssh_keys_);
}

VolumeSource::VolumeSource(const std::string& image) {
  struct stat status {};
  const auto file = opened_for_reading(image, status);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::usage, image + " is no file",
                "--image takes a raw image. Without it, rescued names the disks.");
  }
  Command inspect;
  inspect.argv = {installed_program("rescue-inspect")};
  inspect.input_descriptor = file.get();
  inspect.environment = {"TMPDIR=/tmp"};
  const auto completed = run_checked(inspect);
  volumes_ = domain::volumes_of({{image, domain::disk_facts_from(completed.out), ""}});
}

const domain::Volume& VolumeSource::chosen(const files::VolumePath& path) const {
  const domain::Volume* found = nullptr;
  for (const auto& volume : volumes_) {
    if (!means(path, volume)) continue;
    if (found != nullptr) {
      throw Error(ErrorCode::usage, "several volumes are meant", "Name one: " + names_of(volumes_));
    }
    found = &volume;
  }
  if (found == nullptr) {
    throw Error(ErrorCode::usage, "there is no such NTFS volume",
                fmt::format("There are: {}. `rescuectl disks` shows what else is on the disks.", names_of(volumes_)));
  }
  if (!found->problem.empty()) throw Error(ErrorCode::disk, printable(found->problem, longest_problem));
  return *found;
}

FileDescriptor VolumeSource::open_disk(const domain::Volume& volume) const {
  struct stat status {};
  auto file = opened_for_reading(volume.disk, status);
  if (volume.device.empty() && S_ISREG(status.st_mode)) return file;
  const auto device = fmt::format("{}:{}", ::major(status.st_rdev), ::minor(status.st_rdev));
  if (!S_ISBLK(status.st_mode) || device != volume.device) {
    throw Error(ErrorCode::disk, fmt::format("{} is another device than rescued has named", volume.disk), "Try again.");
  }
  return file;
}

bool VolumeSource::require_readable() {
  if (!get_) return true;
  if (std::chrono::steady_clock::now() - asked_ < std::chrono::seconds(1)) return false;
  require_all_read();
  return true;
}

void VolumeSource::require_all_read() {
  if (!get_) return;
  const auto files = get_("/v1/status").at("files");
  if (!files.at("readable").get<bool>()) {
    throw Error(ErrorCode::conflict, "files can't be read any more: " + files.at("why_not").get<std::string>(),
                "Start again when the session has ended.");
  }
  asked_ = std::chrono::steady_clock::now();
}

std::string folder_name_of(const domain::Volume& volume) {
  if (!volume.letter.empty()) return volume.letter;
  return fmt::format("{}{}", std::filesystem::path(volume.disk).filename().string(), volume.partition);
}

OpenVolume::OpenVolume(const VolumeSource& source, const domain::Volume& volume)
    : disk_(source.open_disk(volume)), partition_(volume.partition) {
  start();
}

void OpenVolume::start() {
  auto [ours, theirs] = files::socket_pair();
  child_ = files::start_reader(installed_program("rescue-files"), disk_.get(), partition_, theirs);
  reader_ = std::make_unique<files::VolumeReader>(std::move(ours));
}

void OpenVolume::restart() {
  constexpr unsigned most = 20;
  if (++restarts_ > most) {
    throw Error(ErrorCode::subprocess, "the reader of the volume ends or hangs again and again",
                "The volume is badly damaged. Make an image of the disk, and take files out of the image.");
  }
  start();
}

}  // namespace rescue::cli
