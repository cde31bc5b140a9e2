// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/local_images.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace rescue::image {
namespace {

/// Refuses a machine that rescued does not build, rather than boot an image on another one.
void require_buildable(const images::Manifest& manifest) {
  const auto& profile = manifest.profile;
  const auto refuse = [&](const char* what, const std::string& value, const char* ours) {
    throw Error(
        ErrorCode::precondition,
        fmt::format("the image {} is made for {} {}, but rescued has only {}", manifest.name, what, value, ours),
        "Build the image for rescued's machine, or update the rescue system.");
  };
  if (profile.machine != "q35") refuse("the machine type", profile.machine, "q35");
  if (profile.nic != "virtio") refuse("the NIC", profile.nic, "virtio");
  if (profile.agent != "qemu") refuse("the guest agent", profile.agent, "qemu");
  if (profile.ssh_port != 22) refuse("the SSH port", std::to_string(profile.ssh_port), "22");
  if (profile.rdp_port != 3389) refuse("the RDP port", std::to_string(profile.rdp_port), "3389");
}

}  // namespace

images::Wish in_catalogue(const domain::ImageWish& wish) {
  images::Wish wanted;
  wanted.name = wish.name;
  wanted.installed_build = wish.installed_build;
  wanted.language = wish.language;
  return wanted;
}

domain::RescueImage LocalImages::image_of(const images::Manifest& manifest, std::string system_disk) const {
  require_buildable(manifest);
  domain::RescueImage image;
  image.name = manifest.name;
  image.version = manifest.version;
  image.format = manifest.system_disk().format;
  image.system_disk = std::move(system_disk);
  // A file takes at most its length, and at most what the file system has.
  const auto file_mib = static_cast<unsigned>((manifest.system_disk().size + (1U << 20U) - 1) >> 20U);
  if (memory_of_files_) image.memory_mib = std::min(memory_of_files_(image.system_disk), file_mib);
  const auto& profile = manifest.profile;
  image.profile.system = profile.os == "windows" ? domain::GuestSystem::windows : domain::GuestSystem::standin;
  image.profile.firmware = profile.firmware == "uefi" ? domain::Firmware::uefi : domain::Firmware::bios;
  image.profile.disk_bus = profile.disk_bus == "sata" ? domain::DiskBus::sata : domain::DiskBus::virtio_scsi;
  image.least_memory_mib = profile.least_memory_mib;
  image.profile.tpm = profile.tpm;
  image.profile.administrator = profile.administrator;
  image.profile.set_hostname = profile.set_hostname;
  image.profile.actions = profile.actions;
  return image;
}

void LocalImages::select(const domain::ImageWish& wish) {
  const std::lock_guard lock(mutex_);
  wish_ = wish;
}

images::Store LocalImages::store() const {
  const auto wish = [this] {
    const std::lock_guard lock(mutex_);
    return in_catalogue(wish_);
  }();
  return images::Store::open(settings_, wish);
}

domain::RescueImage LocalImages::inspect() {
  const auto store = this->store();
  const auto manifest = store.manifest();
  return image_of(manifest, store.path_of(manifest.system_disk()));
}

domain::RescueImage LocalImages::fetch(const std::function<void(const std::string&)>&, std::stop_token) {
  const auto store = this->store();
  const auto manifest = store.manifest();
  return image_of(manifest, store.verified(manifest.system_disk()));
}

void LocalImages::create_overlay(const domain::RescueImage& image, const std::string& path) {
  // QEMU runs as its own user: it opens the files by name, but can't list the folder or replace what root writes by a
  // link.
  make_folder_of(std::filesystem::path(path).parent_path().string(), 0711, ::geteuid(), ::getegid());
  discard_overlay(path);
  run_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", image.format, "-b", image.system_disk, path},
               .input = {},
               .environment = {}});
}

void LocalImages::discard_overlay(const std::string& path) { remove_file_durably(path); }

}  // namespace rescue::image
