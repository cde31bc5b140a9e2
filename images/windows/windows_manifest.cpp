// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/windows_manifest.hpp"

#include "images/windows/guest_actions.hpp"

#include <fmt/format.h>

namespace rescue::windows {
namespace {

/// Memory of a desktop that a person works on; Microsoft's own minimum for a server with a desktop.
constexpr unsigned least_memory_mib = 2048;

}  // namespace

images::Manifest manifest_of(const ImageContent& content, const std::string& name) {
  images::Manifest manifest;
  manifest.name = name.empty() ? fmt::format("windows-{}", name_of(content.release)) : name;
  manifest.kind = facts_of(content.release).client ? images::Kind::windows_client : images::Kind::windows_server;
  manifest.windows = images::WindowsBuild{content.build, content.revision, content.edition};
  manifest.languages = content.languages;
  manifest.licence = "Microsoft's licence terms; not to be passed on";
  manifest.profile.os = "windows";
  manifest.profile.firmware = std::string(name_of(content.firmware));
  manifest.profile.disk_bus = "virtio-scsi";
  manifest.profile.administrator = "Administrator";
  manifest.profile.least_memory_mib = least_memory_mib;
  manifest.profile.actions = guest_actions();
  return manifest;
}

}  // namespace rescue::windows
