// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/host_capabilities.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>

namespace rescue::libvirt {
namespace {

/// "+64055" as a number; libvirt's plus marks an id, not a name.
std::optional<unsigned> id_of(std::string_view text) {
  if (!text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  unsigned id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace

std::optional<QemuUser> qemu_user(const std::string& capabilities_xml) {
  pugi::xml_document document;
  if (!document.load_string(capabilities_xml.c_str())) return std::nullopt;
  for (const auto model : document.child("capabilities").child("host").children("secmodel")) {
    if (std::string_view(model.child_value("model")) != "dac") continue;
    const std::string_view label = model.child_value("baselabel");
    const auto colon = label.find(':');
    if (colon == std::string_view::npos) continue;
    const auto uid = id_of(label.substr(0, colon));
    const auto gid = id_of(label.substr(colon + 1));
    if (uid && gid) return QemuUser{*uid, *gid};
  }
  return std::nullopt;
}

std::optional<std::set<std::string>> hyperv_features(const std::string& domain_capabilities_xml) {
  pugi::xml_document document;
  if (!document.load_string(domain_capabilities_xml.c_str())) return std::nullopt;
  const auto hyperv = document.child("domainCapabilities").child("features").child("hyperv");
  if (!hyperv) return std::nullopt;
  std::set<std::string> features;
  for (const auto value : hyperv.child("enum").children("value")) features.insert(value.child_value());
  return features;
}

std::string device_problem(const std::string& device, const QemuUser& user) {
  struct stat status {};
  if (::stat(device.c_str(), &status) != 0) return {};
  // Tries it like QEMU: with the groups of its user, and with ACLs that the mode does not show.
  const auto tried = run({.argv = {"setpriv", fmt::format("--reuid={}", user.uid), fmt::format("--regid={}", user.gid),
                                   "--init-groups", "--", "test", "-r", device, "-a", "-w", device},
                          .input = {},
                          .time_limit = Milliseconds(5'000),
                          .environment = {}});
  if (tried.status != 1 || !tried.err.empty()) return {};
  return fmt::format("{} (mode {:04o}) is closed to the user that libvirt runs QEMU as (uid {}): each start of a guest "
                     "takes some 20 s longer",
                     device, status.st_mode & 07777U, user.uid);
}

void prepare_private_folder(const std::string& path, const std::optional<QemuUser>& user) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) {
    throw Error(ErrorCode::usage, path + " must lie in a folder of its own");
  }
  // Its parent belongs to root: QEMU's user can't replace the folder.
  make_folder_of(path.substr(0, slash), 0700, user ? user->uid : ::geteuid(), user ? user->gid : ::getegid());
}

}  // namespace rescue::libvirt
