// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/open_ssh.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace rescue::windows {
namespace {

std::uint32_t little_endian(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

/// Machine of a program ("PE Format", Microsoft Learn): 0x8664 is amd64; 0 if it is no Windows program.
std::uint32_t machine_of(const media::Medium& medium, const media::MediumFile& file) {
  constexpr std::size_t offset_of_header_offset = 0x3c;
  constexpr std::size_t enough = 4096;
  const auto bytes = medium.read(file, 0, static_cast<std::size_t>(std::min<std::uint64_t>(file.size, enough)));
  if (bytes.size() < offset_of_header_offset + 4 || !bytes.starts_with("MZ")) return 0;
  const std::size_t header = little_endian(bytes, offset_of_header_offset, 4);
  if (header > bytes.size() - 6 || bytes.compare(header, 2, "PE") != 0) return 0;
  return little_endian(bytes, header + 4, 2);
}

OpenSsh in_zip(const media::Medium& zip) {
  constexpr std::uint32_t amd64 = 0x8664;
  for (const auto& file : zip.files()) {
    const auto path = lower_case(file.path);
    if (path != "sshd.exe" && !path.ends_with("/sshd.exe")) continue;
    if (machine_of(zip, file) == amd64) return {"zip", zip.name(), file.path};
    throw Error(ErrorCode::precondition, fmt::format("{} of {} is not for 64-bit PCs", file.path, zip.name()),
                "Use OpenSSH-Win64.zip of Win32-OpenSSH.");
  }
  throw Error(ErrorCode::precondition, zip.name() + " has no sshd.exe", "Use OpenSSH-Win64.zip of Win32-OpenSSH.");
}

OpenSsh in_feature_iso(const media::Medium& iso) {
  for (const auto& file : iso.files()) {
    const auto path = lower_case(file.path);
    const auto name = path.substr(path.rfind('/') + 1);
    if (name.starts_with("openssh-server-package~31bf3856ad364e35~amd64~~") && name.ends_with(".cab")) {
      return {"feature-on-demand", iso.name(), file.path};
    }
  }
  throw Error(
      ErrorCode::precondition, iso.name() + " has no OpenSSH-Server-Package for amd64",
      "Use the Features on Demand ISO (for Server 2022: Languages and Optional Features) of the same release, or "
      "--openssh ZIP.");
}

}  // namespace

std::optional<OpenSsh> choose_open_ssh(Release release, const media::Medium* feature_iso, const media::Medium* zip) {
  const auto brings = facts_of(release).open_ssh;
  if (zip != nullptr) return in_zip(*zip);
  if (feature_iso != nullptr) {
    if (brings == OpenSshSource::zip) {
      throw Error(ErrorCode::precondition,
                  fmt::format("{} has no OpenSSH as a Feature on Demand", facts_of(release).title),
                  open_ssh_remedy(release));
    }
    return in_feature_iso(*feature_iso);
  }
  if (brings == OpenSshSource::inbox) return OpenSsh{"inbox", "", ""};
  return std::nullopt;
}

std::string open_ssh_remedy(Release release) {
  if (facts_of(release).open_ssh == OpenSshSource::zip) {
    return "Give OpenSSH-Win64.zip of Win32-OpenSSH by --openssh.";
  }
  return "Give the Features on Demand ISO of this release by --fod, or OpenSSH-Win64.zip of Win32-OpenSSH by "
         "--openssh.";
}

}  // namespace rescue::windows
