// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/winpe/build_winpe.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/new_image.hpp"
#include "images/prepared/staging.hpp"
#include "images/windows/edition.hpp"
#include "images/windows/guest_agent.hpp"
#include "images/windows/open_ssh.hpp"
#include "images/windows/scratch.hpp"
#include "images/windows/windows_manifest.hpp"
#include "images/winpe/boot_disk.hpp"
#include "images/winpe/boot_wim.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace rescue::winpe {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> boot_files{"sources/boot.wim", "boot/boot.sdi", "efi/boot/bootx64.efi",
                                                "efi/microsoft/boot/bcd"};

void require_boot_files(const media::Medium& medium) {
  for (const char* name : boot_files) {
    if (medium.find(name) != nullptr) continue;
    throw Error(ErrorCode::precondition, fmt::format("{} has no {}", medium.name(), name),
                "Use the ISO of Windows Server for 64-bit PCs as Microsoft ships it.");
  }
}

/// Release by the build in boot.wim, which the drivers must fit.
windows::ImageContent content_of_wim(const std::string& wim, const std::string& rescue_wim, bool allow_client) {
  Command command;
  command.argv = {rescue_wim, wim};
  const auto result = run(command);
  if (result.status != 0) {
    throw Error(ErrorCode::precondition, "sources/boot.wim can't be read: " + trimmed(result.err),
                "Compare the checksum of the medium with Microsoft's.");
  }
  const auto image = windows::editions_of("sources/boot.wim", result.out).front();
  if (image.architecture != "amd64") {
    throw Error(ErrorCode::precondition, "sources/boot.wim is for the architecture " + image.architecture,
                "Use a medium for 64-bit PCs (x64).");
  }
  auto release = windows::release_of(image.build, false);
  if (!release && allow_client) release = windows::release_of(image.build, true);
  if (release) {
    return {.release = *release, .build = image.build, .revision = image.revision, .languages = image.languages};
  }
  throw Error(ErrorCode::precondition, fmt::format("sources/boot.wim has the build {}", image.build),
              "Use " + windows::supported_releases() + ".");
}

/// Copies what the firmware and the boot manager read. The BCD of the medium names \sources\boot.wim on the disk that
/// it was started from: it stays as it is.
void copy_boot_files(const media::Medium& medium, const std::string& tree) {
  for (const std::string folder : {"efi", "boot"}) copy_below(medium, folder, tree + "/" + folder);
  if (const auto* manager = medium.find("bootmgr.efi")) copy_from(medium, *manager, tree + "/bootmgr.efi");
  fs::create_directories(tree + "/sources");
}

Additions additions_for(const media::Medium& virtio, const media::Medium& ssh, windows::Release release) {
  Additions additions;
  additions.virtio = &virtio;
  additions.drivers = windows::choose_drivers(virtio, release);
  for (const auto& driver : additions.drivers.missing) {
    if (!driver.essential) continue;
    throw Error(ErrorCode::precondition,
                fmt::format("{} has no driver {} for the {}", virtio.name(), driver.name, driver.purpose),
                "Use an ISO of virtio-win as its project publishes it.");
  }
  additions.ssh = &ssh;
  const auto sshd = windows::choose_open_ssh(release, nullptr, &ssh)->path;
  additions.ssh_folder = fs::path(sshd).parent_path().string();
  if (const auto agent = windows::find_guest_agent(virtio)) additions.agent_msi = agent->path;
  return additions;
}

void convert(const std::string& raw, const std::string& qcow2) {
  Command command;
  command.argv = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2};
  command.time_limit = Milliseconds(1'800'000);
  run_checked(command);
}

}  // namespace

std::string build_winpe(const WinpeRequest& request, const std::string& rescue_wim,
                        const std::function<void(const std::string&)>& report) {
  prepared::refuse_other_image(request.folder);
  const auto iso = media::open_medium(request.iso);
  require_boot_files(*iso);
  const auto virtio = media::open_medium(request.virtio);
  const auto ssh = media::open_medium(request.ssh_zip);
  const windows::ScratchFolder scratch;
  report("copying boot.wim");
  const auto source = scratch.file("boot.wim");
  copy_from(*iso, *iso->find("sources/boot.wim"), source);
  const auto content = content_of_wim(source, rescue_wim, request.allow_client);
  const auto additions = additions_for(*virtio, *ssh, content.release);
  const auto tree = scratch.file("disk");
  copy_boot_files(*iso, tree);
  report("adding drivers, SSH and the guest agent");
  fs::create_directories(scratch.file("added"));
  make_boot_wim(source, tree + "/sources/boot.wim", additions, scratch.file("added"));
  report("making the disk");
  const auto raw = scratch.file("disk.raw");
  make_boot_disk(tree, raw);
  prepared::Staging staging(request.folder);
  const auto name = fmt::format("winpe-{}", name_of(content.release));
  convert(raw, staging.file(name + ".qcow2"));
  report("publishing");
  auto manifest = windows::manifest_of(content, name);
  constexpr unsigned least_memory_mib = 1024;  // it runs from memory: boot.wim, and as much again
  manifest.profile.least_memory_mib = least_memory_mib;
  manifest.profile.actions.clear();  // its SSH server has another configuration, and there is no desktop
  manifest.version = request.version.empty() ? images::version_of_today() : request.version;
  manifest.files = {images::describe_image(staging.file(name + ".qcow2"))};
  images::publish_manifest(staging.path(), std::move(manifest), request.key);
  staging.publish();
  return request.folder + "/" + name + ".qcow2";
}

}  // namespace rescue::winpe
